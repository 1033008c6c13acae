package expression

func compileSEL(text string) (*Program, error) {
	return nil, faultAt(text, "not SEL", 0)
}
