package definition

import (
	"github.com/segue-workflows/segue/shared/document"
	"github.com/segue-workflows/segue/shared/workflow"
)

func deliveryPolicy(v *document.Value) *workflow.Delivery {
	var policy workflow.Delivery
	deliveryShape.Read(v, &policy)
	return &policy
}

var deliveryShape = &document.Shape[workflow.Delivery]{
	What: "a delivery policy",
	Fields: map[string]func(*workflow.Delivery, *document.Value){
		"limit": func(d *workflow.Delivery, v *document.Value) { d.Limit = v.Int(1, workflow.MaxDeliveryLimit) },
		"action": func(d *workflow.Delivery, v *document.Value) {
			d.Action = workflow.DeliveryAction(v.Enum(texts(workflow.DeliveryActions)...))
		},
	},
}
