package cli

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/segue-workflows/segue/shared/workflow"
)

func TestParamsOfFlags(t *testing.T) {
	t.Parallel()
	declared := &workflow.Params{}
	for name, kind := range map[string]workflow.ParamType{"text": workflow.String, "long": workflow.Long, "double": workflow.Double,
		"flag": workflow.Boolean, "texts": workflow.StringArray, "doubles": workflow.DoubleArray, "table": workflow.StringMap, "map": workflow.Map} {
		declared.Set(name, &workflow.Param{Type: kind})
	}
	for flag, want := range map[string]string{
		"new=true":                  `{"value":true,"type":"BOOLEAN"}`,
		"new=True":                  `{"value":"True","type":"STRING"}`,
		"new=42":                    `{"value":42,"type":"LONG"}`,
		"new=-1":                    `{"value":-1,"type":"LONG"}`,
		"new=007":                   `{"value":"007","type":"STRING"}`,
		"new=2.50":                  `{"value":2.50,"type":"DOUBLE"}`,
		"new=1e3":                   `{"value":1e3,"type":"DOUBLE"}`,
		"new=NaN":                   `{"value":"NaN","type":"STRING"}`,
		"new=":                      `{"value":"","type":"STRING"}`,
		"new=a=b":                   `{"value":"a=b","type":"STRING"}`,
		"new=[1,2]":                 `{"value":[1,2],"type":"LONG_ARRAY"}`,
		"new=[1,2.5]":               `{"value":[1,2.5],"type":"DOUBLE_ARRAY"}`,
		"new=[true]":                `{"value":[true],"type":"BOOLEAN_ARRAY"}`,
		`new=["a"]`:                 `{"value":["a"],"type":"STRING_ARRAY"}`,
		"new=[]":                    `{"value":[],"type":"STRING_ARRAY"}`,
		`new={"a":"b"}`:             `{"value":{"a":"b"},"type":"STRING_MAP"}`,
		`new={"a":1}`:               `{"value":{"a":{"value":1,"type":"LONG"}},"type":"MAP"}`,
		"text=42":                   `{"value":"42","type":"STRING"}`,
		"text=[1]":                  `{"value":"[1]","type":"STRING"}`,
		"long=7":                    `{"value":7,"type":"LONG"}`,
		"double=7":                  `{"value":7,"type":"DOUBLE"}`,
		`table={"a":"b"}`:           `{"value":{"a":"b"},"type":"STRING_MAP"}`,
		`map={"a":["b"]}`:           `{"value":{"a":{"value":["b"],"type":"STRING_ARRAY"}},"type":"MAP"}`,
		"doubles=[1,2]":             `{"value":[1,2],"type":"DOUBLE_ARRAY"}`,
		`texts=["a", "b"]`:          `{"value":["a","b"],"type":"STRING_ARRAY"}`,
		"flag=false":                `{"value":false,"type":"BOOLEAN"}`,
		"long=many":                 "error: the workflow declares a LONG, write an integer",
		"texts=a,b":                 `error: the workflow declares a STRING_ARRAY, write JSON such as ["a","b"]`,
		"new=[1,":                   "error: it begins like JSON and is none",
		`new=[1,"a"]`:               "error: a list holds values of one type",
		`new={"a":null}`:            "error: null is no value of a param",
		"novalue":                   "error: want name=value",
		"=1":                        "error: want name=value",
		"new=[[1],[2]]":             "error: a list holds values of one type",
		"long=99999999999999999999": "error: the workflow declares a LONG",
	} {
		t.Run(flag, func(t *testing.T) {
			t.Parallel()
			params, err := runParams([]string{flag}, declared)
			if reason, refused := strings.CutPrefix(want, "error: "); refused {
				if err == nil || !strings.Contains(err.Error(), reason) {
					t.Errorf("%v, want an error with %q", err, reason)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			p, _ := params.Get(params.Keys()[0])
			if got, err := json.Marshal(p); err != nil || string(got) != want {
				t.Errorf("%s (%v), want %s", got, err, want)
			}
		})
	}
}
