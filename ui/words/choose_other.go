//go:build !windows && !darwin

package words

// userLanguages: what a desktop asks for is in the environment.
func userLanguages() []string { return nil }
