package sel_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/segue-workflows/segue/shared/expression/sel"
)

func Example() {
	program, err := sel.Compile("n > 5 ? params.get('name').toUpperCase() : 'small'", sel.Limits{})
	if err != nil {
		fmt.Println(err)
		return
	}
	params := map[string]any{"n": int64(7), "name": "large"}
	value, err := program.Eval(context.Background(), sel.Env{
		Lookup: func(name string) (any, bool) { v, ok := params[name]; return v, ok },
	})
	fmt.Println(program.Refs(), value, err)
	// Output: [n params] LARGE <nil>
}

func ExampleError_Snippet() {
	_, err := sel.Compile("total = price *;", sel.Limits{})
	if e := (*sel.Error)(nil); errors.As(err, &e) {
		fmt.Println(e)
		fmt.Println(e.Snippet())
	}
	// Output:
	// line 1, column 16: expected an expression, found ';'
	// total = price *;
	//                ^
}
