package words

import "testing"

func TestOfDesktop(t *testing.T) {
	for _, c := range []struct {
		name   string
		env    map[string]string
		system []string
		want   string
	}{
		{"LANG", map[string]string{"LANG": "it_IT.UTF-8"}, nil, "it"},
		{"messages before the rest", map[string]string{"LANG": "it_IT.UTF-8", "LC_MESSAGES": "en_GB.UTF-8"}, nil, "en"},
		{"all before messages", map[string]string{"LC_ALL": "it_IT", "LC_MESSAGES": "en_GB", "LANG": "en_US"}, nil, "it"},
		{"a list", map[string]string{"LANG": "en_US.UTF-8", "LANGUAGE": "xx:it:en"}, nil, "it"},
		{"a list whose languages there are not", map[string]string{"LANG": "it_IT.UTF-8", "LANGUAGE": "xx:yy"}, nil, "it"},
		{"a list alone", map[string]string{"LANGUAGE": "it"}, nil, "en"},
		{"the locale of no language", map[string]string{"LC_ALL": "C.UTF-8", "LANGUAGE": "it"}, nil, "en"},
		{"the same by its other name", map[string]string{"LANG": "POSIX", "LANGUAGE": "it"}, nil, "en"},
		{"a language that there is not", map[string]string{"LANG": "xx_XX.UTF-8"}, nil, "en"},
		{"nothing", nil, nil, "en"},
		{"what the system knows", nil, []string{"xx-XX", "it-CH", "en-US"}, "it"},
		{"the environment before the system", map[string]string{"LANG": "en_US"}, []string{"it-IT"}, "en"},
		{"no language before the system", map[string]string{"LC_ALL": "C"}, []string{"it-IT"}, "en"},
	} {
		t.Cleanup(func() { Use("en") })
		got := Use(ofDesktop(func(name string) string { return c.env[name] }, func() []string { return c.system }))
		if got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestChoose(t *testing.T) {
	t.Cleanup(func() { Use("en") })
	for _, c := range []struct{ variable, setting, desktop, want string }{
		{"it", "en", "en_US.UTF-8", "it"},
		{"IT_it.utf8", "", "en_US.UTF-8", "it"},
		{"", "it", "en_US.UTF-8", "it"},
		{"", "", "it_IT.UTF-8", "it"},
		{"en", "it", "it_IT.UTF-8", "en"},
		{"xx", "it", "en_US.UTF-8", "it"}, // one that there is not counts for nothing
		{"xx", "xx", "it_IT.UTF-8", "it"},
	} {
		t.Setenv(Variable, c.variable)
		t.Setenv("LC_ALL", c.desktop)
		if got := Choose(c.setting); got != c.want || Language() != c.want {
			t.Errorf("%+v: %s", c, got)
		}
	}
}
