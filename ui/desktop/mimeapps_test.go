package desktop

import "testing"

func TestMimeApps(t *testing.T) {
	types := []string{"x-scheme-handler/tel", "x-scheme-handler/callto"}
	const us = "us.desktop"
	for name, tc := range map[string]struct{ before, with string }{
		"none yet": {
			"",
			"[Default Applications]\nx-scheme-handler/callto=us.desktop;\nx-scheme-handler/tel=us.desktop;\n",
		},
		"another one": {
			"# mine\n[Default Applications]\ntext/plain=ed.desktop\nx-scheme-handler/tel=other.desktop\n\n[Added Associations]\nx-scheme-handler/tel=third.desktop;\n",
			"# mine\n[Default Applications]\nx-scheme-handler/callto=us.desktop;\ntext/plain=ed.desktop\nx-scheme-handler/tel=us.desktop;other.desktop\n\n[Added Associations]\nx-scheme-handler/tel=third.desktop;\n",
		},
		"several": {
			"[Default Applications]\nx-scheme-handler/tel=a.desktop;b.desktop;\nx-scheme-handler/callto=a.desktop;\n",
			"[Default Applications]\nx-scheme-handler/tel=us.desktop;a.desktop;b.desktop;\nx-scheme-handler/callto=us.desktop;a.desktop;\n",
		},
		"an empty group between others": {
			"[Removed Associations]\na=b;\n[Default Applications]\n[Added Associations]\nc=d;\n",
			"[Removed Associations]\na=b;\n[Default Applications]\nx-scheme-handler/callto=us.desktop;\nx-scheme-handler/tel=us.desktop;\n[Added Associations]\nc=d;\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			with := preferFor(tc.before, us, types)
			if with != tc.with {
				t.Errorf("with us:\n%s\nwant:\n%s", with, tc.with)
			}
			if got := preferred(with, types[0]); got != us {
				t.Errorf("preferred: %q", got)
			}
			if again := preferFor(with, us, types); again != with {
				t.Errorf("a second time:\n%s", again)
			}
			if back := withoutApp(with, us, types); back != tc.before {
				t.Errorf("without us:\n%q\nwant:\n%q", back, tc.before)
			}
			if left := withoutApp(tc.before, us, types); left != tc.before {
				t.Errorf("nothing to take away:\n%q", left)
			}
		})
	}
}
