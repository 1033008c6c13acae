package rest

// Routes lists "METHOD /path" of the whole API, so that a new route is tested without anybody remembering it.
func Routes() (out []string) {
	for _, route := range (&server{}).routes() {
		out = append(out, route.pattern())
	}
	return out
}
