package expression

func callUtil(a ...any) (any, error) {
	return nil, invalidf("Util.%s does not exist", a[1])
}
