package workflow

import "encoding/json"

// User is a name with optional extras.
type User struct {
	Name   string
	Extras *Ordered[any]
}

// MarshalJSON writes a bare string when there are no extras.
func (u User) MarshalJSON() ([]byte, error) {
	if u.Extras.Len() == 0 {
		return json.Marshal(u.Name)
	}
	var doc Ordered[any]
	doc.Set("name", u.Name)
	for key, value := range u.Extras.All() {
		doc.Set(key, value)
	}
	return doc.MarshalJSON()
}

// UnmarshalJSON reads either form.
func (u *User) UnmarshalJSON(data []byte) error {
	*u = User{}
	value, err := DecodeAny(data)
	if err != nil {
		return err
	}
	switch v := value.(type) {
	case string:
		u.Name = v
	case *Ordered[any]:
		name, _ := v.Get("name")
		u.Name, _ = name.(string)
		v.Delete("name")
		u.Extras = v
	}
	return nil
}

// Tag marks a workflow or a step.
type Tag struct {
	Name       string
	Namespace  string // SYSTEM, RUNTIME, JOB_TEMPLATE, NOTEBOOK_TEMPLATE, USER_DEFINED, PLATFORM; "" for plain tags
	Permit     *int64 // set by the server only
	Attributes *Ordered[any]
}

// MarshalJSON writes an object with the attributes inline.
func (t Tag) MarshalJSON() ([]byte, error) {
	var doc Ordered[any]
	doc.Set("name", t.Name)
	setText(&doc, "namespace", t.Namespace)
	if t.Permit != nil {
		doc.Set("permit", *t.Permit)
	}
	for key, value := range t.Attributes.All() {
		doc.Set(key, value)
	}
	return doc.MarshalJSON()
}

// UnmarshalJSON reads a bare string or an object.
func (t *Tag) UnmarshalJSON(data []byte) error {
	*t = Tag{}
	value, err := DecodeAny(data)
	if err != nil {
		return err
	}
	switch v := value.(type) {
	case string:
		t.Name = v
	case *Ordered[any]:
		for key, item := range v.All() {
			switch key {
			case "name":
				t.Name, _ = item.(string)
			case "namespace":
				text, _ := item.(string)
				t.Namespace = upper(text)
			case "permit":
				if n, ok := longOf(item); ok {
					t.Permit = &n
				}
			default:
				if t.Attributes == nil {
					t.Attributes = &Ordered[any]{}
				}
				t.Attributes.Set(key, item)
			}
		}
	}
	return nil
}
