package workflow

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// ParamType is one of the ten types of a param, in canonical upper case.
type ParamType string

const (
	String       ParamType = "STRING"
	Long         ParamType = "LONG"
	Double       ParamType = "DOUBLE"
	Boolean      ParamType = "BOOLEAN"
	StringMap    ParamType = "STRING_MAP"
	StringArray  ParamType = "STRING_ARRAY"
	LongArray    ParamType = "LONG_ARRAY"
	DoubleArray  ParamType = "DOUBLE_ARRAY"
	BooleanArray ParamType = "BOOLEAN_ARRAY"
	Map          ParamType = "MAP"
)

// ParamTypes lists all types.
var ParamTypes = []ParamType{String, Long, Double, Boolean, StringMap, StringArray, LongArray, DoubleArray, BooleanArray, Map}

// ParamMode says which layers may still change a param, from loose to strict.
type ParamMode string

const (
	Mutable               ParamMode = "MUTABLE"
	MutableOnStartRestart ParamMode = "MUTABLE_ON_START_RESTART"
	MutableOnStart        ParamMode = "MUTABLE_ON_START"
	Immutable             ParamMode = "IMMUTABLE"
	Constant              ParamMode = "CONSTANT"
)

// ParamModes lists all modes from loose to strict.
var ParamModes = []ParamMode{Mutable, MutableOnStartRestart, MutableOnStart, Immutable, Constant}

// InternalMode is a mode that only system layers set.
type InternalMode string

const (
	Required InternalMode = "REQUIRED"
	Optional InternalMode = "OPTIONAL"
	Provided InternalMode = "PROVIDED"
	Reserved InternalMode = "RESERVED"
)

// ParamSource names the layer that set a param last.
type ParamSource string

const (
	SourceSystem            ParamSource = "SYSTEM"
	SourceTemplateSchema    ParamSource = "TEMPLATE_SCHEMA"
	SourceSystemInjected    ParamSource = "SYSTEM_INJECTED"
	SourceSystemDefault     ParamSource = "SYSTEM_DEFAULT"
	SourceDefinition        ParamSource = "DEFINITION"
	SourceSignal            ParamSource = "SIGNAL"
	SourceTimeTrigger       ParamSource = "TIME_TRIGGER"
	SourceOutputParameter   ParamSource = "OUTPUT_PARAMETER"
	SourceLaunch            ParamSource = "LAUNCH"
	SourceRestart           ParamSource = "RESTART"
	SourceSubworkflow       ParamSource = "SUBWORKFLOW"
	SourceTemplate          ParamSource = "TEMPLATE"
	SourceForeach           ParamSource = "FOREACH"
	SourceWhile             ParamSource = "WHILE"
	SourceWorkflowParameter ParamSource = "WORKFLOW_PARAMETER"
)

// Params are named params in the order of their definition, which is the order of evaluation.
type Params = Ordered[*Param]

// Param is a param definition and, once evaluated, its result.
//
// Value is the literal: string, int64, Decimal, bool, map[string]string, []string, []int64, []Decimal,
// []bool or *Params by type; nil when the param is an expression or has no value. Result is the plain
// value: string, int64, float64, bool, map[string]string, []string, []int64, []float64, []bool or map[string]any.
type Param struct {
	Type         ParamType
	Value        any
	Expression   string
	HasExpr      bool // an expression is given, even an empty one
	Name         string
	Validator    string
	Tags         []Tag
	Mode         ParamMode // "" is MUTABLE
	Source       ParamSource
	InternalMode InternalMode
	Meta         *Ordered[any] // every other key, emitted inline

	Evaluated   bool
	Result      any
	EvaluatedAt int64 // epoch milliseconds
}

// Literal returns a param with a literal value, of the type that the Go value implies.
func Literal(value any) *Param {
	p := &Param{Value: value}
	switch v := value.(type) {
	case string:
		p.Type = String
	case int64:
		p.Type = Long
	case int:
		p.Type, p.Value = Long, int64(v)
	case float64:
		p.Type, p.Value = Double, DecimalOf(v)
	case Decimal:
		p.Type = Double
	case bool:
		p.Type = Boolean
	case map[string]string:
		p.Type = StringMap
	case []string:
		p.Type = StringArray
	case []int64:
		p.Type = LongArray
	case []Decimal:
		p.Type = DoubleArray
	case []float64:
		p.Type, p.Value = DoubleArray, decimals(v)
	case []bool:
		p.Type = BooleanArray
	case *Params:
		p.Type = Map
	default:
		panic("workflow: a param cannot hold this Go type")
	}
	return p
}

// Defined tells whether the param has a value or an expression.
func (p *Param) Defined() bool { return p.Value != nil || p.HasExpr }

// Clone returns a copy whose nested definitions and meta may be changed freely.
func (p *Param) Clone() *Param {
	out := *p
	if nested, ok := p.Value.(*Params); ok {
		out.Value = CloneParams(nested)
	}
	if p.Meta != nil {
		out.Meta = p.Meta.Clone()
	}
	out.Tags = slices.Clone(p.Tags)
	return &out
}

// CloneParams returns a deep copy.
func CloneParams(params *Params) *Params {
	out := &Params{}
	for name, p := range params.All() {
		out.Set(name, p.Clone())
	}
	return out
}

// SetMeta puts a key into the meta bag.
func (p *Param) SetMeta(key string, value any) {
	if p.Meta == nil {
		p.Meta = &Ordered[any]{}
	}
	p.Meta.Set(key, value)
}

// MarshalJSON writes the wire form: null fields left out, meta keys inline.
func (p *Param) MarshalJSON() ([]byte, error) {
	var doc Ordered[any]
	if p.Value != nil {
		doc.Set("value", p.Value)
	}
	if p.HasExpr {
		doc.Set("expression", p.Expression)
	}
	doc.Set("type", p.Type)
	setText(&doc, "name", p.Name)
	setText(&doc, "validator", p.Validator)
	if len(p.Tags) > 0 {
		doc.Set("tags", p.Tags)
	}
	setText(&doc, "mode", string(p.Mode))
	setText(&doc, "source", string(p.Source))
	setText(&doc, "internal_mode", string(p.InternalMode))
	for key, value := range p.Meta.All() {
		doc.Set(key, value)
	}
	if p.Evaluated {
		doc.Set("evaluated_result", JSONResult(p.Result))
		doc.Set("evaluated_time", p.EvaluatedAt)
	}
	return doc.MarshalJSON()
}

func setText(doc *Ordered[any], key, text string) {
	if text != "" {
		doc.Set(key, text)
	}
}

// UnmarshalJSON reads the wire form as stores and fixtures hold it. Definitions that users push are read
// with positions by package definition, through the same ValueOf.
func (p *Param) UnmarshalJSON(data []byte) error {
	var doc Ordered[json.RawMessage]
	if err := doc.UnmarshalJSON(data); err != nil {
		return err
	}
	*p = Param{}
	var kind string
	if raw, ok := doc.Get("type"); ok {
		if err := json.Unmarshal(raw, &kind); err != nil {
			return err
		}
	}
	p.Type = ParamType(strings.ToUpper(kind))
	if !slices.Contains(ParamTypes, p.Type) {
		return Errorf(CodeInvalid, "unknown param type %q", kind)
	}
	for key, raw := range doc.All() {
		if err := p.unmarshalField(key, raw); err != nil {
			return err
		}
	}
	return nil
}

func (p *Param) unmarshalField(key string, raw json.RawMessage) (err error) {
	switch key {
	case "type":
	case "value":
		p.Value, err = p.unmarshalValue(raw)
	case "expression":
		p.HasExpr = true
		err = json.Unmarshal(raw, &p.Expression)
	case "name":
		err = json.Unmarshal(raw, &p.Name)
	case "validator":
		err = json.Unmarshal(raw, &p.Validator)
	case "tags":
		err = json.Unmarshal(raw, &p.Tags)
	case "mode":
		err = unmarshalUpper(raw, &p.Mode)
	case "source":
		err = unmarshalUpper(raw, &p.Source)
	case "internal_mode":
		err = unmarshalUpper(raw, &p.InternalMode)
	case "evaluated_result":
		p.Evaluated = true
		p.Result, err = p.unmarshalResult(raw)
	case "evaluated_time":
		err = json.Unmarshal(raw, &p.EvaluatedAt)
	default:
		var value any
		if value, err = DecodeAny(raw); err == nil {
			p.SetMeta(key, value)
		}
	}
	return err
}

func unmarshalUpper[T ~string](raw json.RawMessage, out *T) error {
	var text string
	err := json.Unmarshal(raw, &text)
	*out = T(strings.ToUpper(text))
	return err
}

func (p *Param) unmarshalValue(raw json.RawMessage) (any, error) {
	if p.Type == Map {
		if string(raw) == "null" {
			return nil, nil
		}
		nested := &Params{}
		return nested, nested.UnmarshalJSON(raw)
	}
	value, err := DecodeAny(raw)
	if err != nil || value == nil {
		return nil, err
	}
	return ValueOf(p.Type, value)
}

// unmarshalResult reads a plain value; of MAP it reads integers as int64 and other numbers as float64.
func (p *Param) unmarshalResult(raw json.RawMessage) (any, error) {
	value, err := DecodeAny(raw)
	if err != nil || value == nil {
		return nil, err
	}
	if p.Type == Map {
		return Plain(value), nil
	}
	if result, ok := nonFinite(p.Type, value); ok {
		return result, nil
	}
	if value, err = ValueOf(p.Type, value); err != nil {
		return nil, err
	}
	return ResultOf(value), nil
}

// Millis returns t as epoch milliseconds, the only form of time on the wire.
func Millis(t time.Time) int64 { return t.UnixMilli() }
