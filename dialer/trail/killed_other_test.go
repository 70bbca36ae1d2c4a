//go:build !linux

package trail

func play() (code int, played bool) { return 0, false }
