// Package e2e tells stories: each .txtar file is a definition, the commands that a user would type, and what he
// should see. The commands are the real ones; the test binary stands in for the program.
//
// Stories run against one server in memory, or, when SEGUE_STORY_URL is set, against the server there. So that
// they can be told again to a server that remembers, "story FILE..." gives each telling a workflow id of its own: it
// writes $WF in place of STORY.
package e2e
