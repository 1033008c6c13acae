package workflow

// Alerting says whom to tell of what; sending is left to consumers of events.
type Alerting struct {
	Emails             []string             `json:"emails,omitempty"`
	Pagerduties        []string             `json:"pagerduties,omitempty"`
	Slack              *SlackAlert          `json:"slack,omitempty"`
	BypassDigestConfig *BypassDigest        `json:"bypass_digest_config,omitempty"`
	PagerdutyConfig    *PagerdutyConfig     `json:"pagerduty_config,omitempty"`
	TCT                *TCT                 `json:"tct,omitempty"`
	TypeConfigs        *Ordered[*AlertType] `json:"type_configs,omitzero"` // by alert type
}

// SlackAlert names Slack targets.
type SlackAlert struct {
	Users        []string `json:"users,omitempty"`
	Channels     []string `json:"channels,omitempty"`
	MentionUsers []string `json:"mention_users,omitempty"`
}

// BypassDigest names what is alerted at once instead of in a digest.
type BypassDigest struct {
	Workflow bool     `json:"workflow,omitempty"`
	Steps    []string `json:"steps,omitempty"`
}

// PagerdutyConfig sets the severity: CRITICAL, ERROR, WARNING or INFO.
type PagerdutyConfig struct {
	Severity   string `json:"severity,omitempty"`
	AlwaysPage bool   `json:"always_page,omitempty"`
}

// TCT is the target completion time: exactly one of the three forms.
type TCT struct {
	CompletedByHour *int64 `json:"completed_by_hour,omitempty"`
	CompletedByTS   *int64 `json:"completed_by_ts,omitempty"` // epoch milliseconds
	DurationMinutes *int64 `json:"duration_minutes,omitempty"`
	TZ              string `json:"tz,omitempty"`
}

// AlertType overrides the targets for one type of alert.
type AlertType struct {
	Emails          []string    `json:"emails,omitempty"`
	Pagerduties     []string    `json:"pagerduties,omitempty"`
	Slack           *SlackAlert `json:"slack,omitempty"`
	Actions         []string    `json:"actions,omitempty"` // email, page, slack, cancel
	Disabled        bool        `json:"disabled,omitempty"`
	Granularity     string      `json:"granularity,omitempty"` // WORKFLOW, STEP, ALL
	DurationMinutes *int64      `json:"duration_minutes,omitempty"`
}
