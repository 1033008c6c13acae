// Package process runs the jobs of container steps as processes of this machine. It is for trying out workflows and
// for machines that are given over to them: there is no image, no limit of memory and no wall around a job, so it is
// only there when whoever started the server asked for it. Otherwise Denied stands in its place and says so.
//
// Guarantee: at most one process per key for the life of the server. A job has a process group of its own, which is
// ended as a whole: asked first, and killed after a grace period; what a job leaves behind when it ends is killed too.
// It sees a small environment and never that of the server, and works in a folder of its own, which is removed. Close ends
// every job. After a crash of the server, jobs go on as orphans, and their attempts end as lost.
//
// The package may import package container and the nouns.
package process
