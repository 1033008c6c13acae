package wire

// Plan says where the containers of a deployment run, and as which tasks: ECS takes no image with a call, so each that
// steps may name belongs to a task definition which somebody reviewed. The zero value is nowhere.
type Plan struct {
	Cluster        string            `json:"cluster"` // ARN
	Subnets        []string          `json:"subnets"`
	SecurityGroups []string          `json:"securityGroups,omitempty"`
	PublicAddress  bool              `json:"publicAddress,omitempty"` // where the subnets reach no registry otherwise
	Images         map[string]*Place `json:"images"`                  // by image, or by the beginning of images with a star behind it
}

// Place is how an image runs.
type Place struct {
	Task      string   `json:"task"`                // ARN of a task definition, with its revision
	Roles     []string `json:"roles,omitempty"`     // ARNs of those that the definition names; functions are not told
	Container string   `json:"container,omitempty"` // whose command and environment steps give; "": main
	LogGroup  string   `json:"logGroup,omitempty"`  // of the log driver awslogs; "": logs are not read
	LogPrefix string   `json:"logPrefix,omitempty"` // its awslogs-stream-prefix; "": ecs
}

// Complete gives what was left out its preset.
func (p *Place) Complete() {
	if p.Container == "" {
		p.Container = "main"
	}
	if p.LogPrefix == "" {
		p.LogPrefix = "ecs"
	}
}
