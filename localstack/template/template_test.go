package template

import (
	"encoding/json"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// stack has one of everything that is resolved.
const stack = `{
 "Parameters": {"Stage": {"Type": "String", "Default": "dev"}},
 "Mappings": {"Sizes": {"eu": {"small": 1}}},
 "Conditions": {"IsDev": {"Fn::Equals": [{"Ref": "Stage"}, "dev"]}, "IsProd": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}},
 "Resources": {
  "Zero": {"Type": "T::Z"},
  "User": {"Type": "T::U", "DependsOn": "Zero", "Properties": {"Queue": {"Fn::GetAtt": ["Queue", "Arn"]}}},
  "Queue": {"Type": "T::Q", "Properties": {"Dead": {"Fn::Sub": "${Base.Arn}"}}},
  "Base": {"Type": "T::B", "Condition": "IsDev"}}}`

func scope(t *testing.T) *Scope {
	t.Helper()
	parsed, err := Parse([]byte(stack))
	if err != nil {
		t.Fatal(err)
	}
	s := parsed.Scope(map[string]string{"AWS::Region": "eu"})
	s.Add("Queue", Made{Ref: "http://queue", Attributes: map[string]string{"Arn": "arn:q"}})
	return s
}

func TestOrder(t *testing.T) {
	t.Parallel()
	got, err := scope(t).template.Order()
	if want := []string{"Base", "Queue", "Zero", "User"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("the order is %v (%v), want %v", got, err, want)
	}
}

func TestACycleIsNamed(t *testing.T) {
	t.Parallel()
	parsed, err := Parse([]byte(`{"Resources": {"A": {"Type": "T", "DependsOn": ["B"]}, "B": {"Type": "T", "Properties": {"x": [{"Ref": "A"}]}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parsed.Order(); err == nil || !strings.Contains(err.Error(), "[A B A]") {
		t.Errorf("the error is %v; it should name the cycle", err)
	}
}

func TestResolve(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, value, want string }{
		{"a constant", `{"a": [1, true, null]}`, `{"a": [1, true, null]}`},
		{"a resource", `{"Ref": "Queue"}`, `"http://queue"`},
		{"a parameter", `{"Ref": "Stage"}`, `"dev"`},
		{"a pseudo parameter", `{"Ref": "AWS::Region"}`, `"eu"`},
		{"an attribute", `{"Fn::GetAtt": ["Queue", "Arn"]}`, `"arn:q"`},
		{"an attribute, short", `{"Fn::GetAtt": "Queue.Arn"}`, `"arn:q"`},
		{"a text with names", `{"Fn::Sub": ["${x}-${Stage}-${Queue.Arn}-${!y}", {"x": {"Ref": "AWS::Region"}}]}`, `"eu-dev-arn:q-${y}"`},
		{"joined", `{"Fn::Join": ["/", ["a", {"Ref": "Stage"}, 7]]}`, `"a/dev/7"`},
		{"split and chosen", `{"Fn::Select": [1, {"Fn::Split": [":", {"Fn::GetAtt": ["Queue", "Arn"]}]}]}`, `"q"`},
		{"found in a map", `{"Fn::FindInMap": ["Sizes", {"Ref": "AWS::Region"}, "small"]}`, `1`},
		{"a condition that holds", `{"Fn::If": ["IsDev", "yes", {"Ref": "Absent"}]}`, `"yes"`},
		{"a condition that does not", `{"Fn::If": ["IsProd", {"Ref": "Absent"}, "no"]}`, `"no"`},
		{"no value in an object", `{"a": {"Ref": "AWS::NoValue"}, "b": 1}`, `{"b": 1}`},
		{"no value in a list", `[{"Fn::If": ["IsProd", 1, {"Ref": "AWS::NoValue"}]}, 2]`, `[2]`},
		{"a condition of a policy is no call", `{"Condition": {"ArnEquals": {"x": {"Ref": "Stage"}}}}`, `{"Condition": {"ArnEquals": {"x": "dev"}}}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := scope(t).Resolve(value(t, tt.value))
			if err != nil {
				t.Fatal(err)
			}
			if want := value(t, tt.want); !reflect.DeepEqual(plain(t, got), plain(t, want)) {
				t.Errorf("it is %v, want %v", got, want)
			}
		})
	}
}

func TestWhatCannotBeResolvedIsNamed(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ value, names string }{
		{`{"Ref": "Absent"}`, "Absent"},
		{`{"Fn::GetAtt": ["Base", "Arn"]}`, "Base was not made"},
		{`{"Fn::GetAtt": ["Queue", "Colour"]}`, "Queue, a T::Q, has no attribute Colour"},
		{`{"Fn::Sub": "${Absent}"}`, "Absent"},
		{`{"Fn::Sub": "${Queue.Colour}"}`, "Colour"},
		{`{"a": [{"Fn::Cidr": ["10.0.0.0/8", 2]}]}`, "Fn::Cidr"},
		{`{"Fn::Select": [2, ["a", "b"]]}`, "no place 2"},
		{`{"Fn::FindInMap": ["Sizes", "us", "small"]}`, "us"},
		{`{"Fn::If": ["IsNot", 1, 2]}`, "IsNot"},
		{`{"Fn::Join": [",", "text"]}`, "a list is expected"},
	} {
		t.Run(tt.value, func(t *testing.T) {
			t.Parallel()
			if got, err := scope(t).Resolve(value(t, tt.value)); err == nil || !strings.Contains(err.Error(), tt.names) {
				t.Errorf("it is %v (%v); want an error with %q", got, err, tt.names)
			}
		})
	}
}

// TestTheCommittedTemplate orders and resolves the stack that is deployed, with stand-ins for what it makes.
func TestTheCommittedTemplate(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("../../infra/testdata/Segue.template.json")
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	order, err := parsed.Order()
	if err != nil || len(order) != len(parsed.Resources) {
		t.Fatalf("%d of %d resources are in order (%v)", len(order), len(parsed.Resources), err)
	}
	s := parsed.Scope(map[string]string{"AWS::Region": "eu-west-1", "AWS::AccountId": "1", "AWS::Partition": "aws", "AWS::URLSuffix": "x"})
	standIn := map[string]string{}
	for _, name := range []string{"Arn", "QueueName", "StreamArn", "ApiEndpoint"} {
		standIn[name] = name
	}
	for _, id := range order {
		if _, err := s.Properties(id); err != nil {
			t.Error(err)
		}
		s.Add(id, Made{Ref: id, Attributes: standIn})
	}
	if out, err := s.Outputs(); err != nil || out["ApiUrl"] != "ApiEndpoint" {
		t.Errorf("the outputs are %v (%v)", out, err)
	}
}

func value(t *testing.T, text string) any {
	t.Helper()
	parsed, err := Parse([]byte(`{"Resources": {"X": {"Type": "T", "Properties": {"value": ` + text + `}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	return parsed.Resources["X"].Properties["value"]
}

// plain is what another program would read.
func plain(t *testing.T, v any) any {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var out any
	if err := json.Unmarshal(data, &out); err != nil {
		t.Fatal(err)
	}
	return out
}
