package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestEachFaultHasATest: testdata/env_faults.json is the catalogue of what can go
// wrong with a machine, and names the tests that make it go wrong.
func TestEachFaultHasATest(t *testing.T) {
	data, err := os.ReadFile("testdata/env_faults.json")
	if err != nil {
		t.Fatal(err)
	}
	var catalogue struct {
		Cases []struct {
			ID, Name string
			TestedBy []string `json:"tested_by"`
		}
	}
	if err := json.Unmarshal(data, &catalogue); err != nil {
		t.Fatal(err)
	}
	if len(catalogue.Cases) != 30 {
		t.Errorf("%d cases", len(catalogue.Cases))
	}
	for _, c := range catalogue.Cases {
		if len(c.TestedBy) == 0 {
			t.Errorf("%s, %s, has no test", c.ID, c.Name)
		}
		for _, test := range c.TestedBy {
			dir, name, _ := strings.Cut(test, " ")
			if !declared(t, dir, name) {
				t.Errorf("%s, %s: there is no %s", c.ID, c.Name, test)
			}
		}
	}
}

// declared tells whether a package has a test of that name.
func declared(t *testing.T, dir, name string) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("../..", dir, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	wanted := regexp.MustCompile(`(?m)^func ` + regexp.QuoteMeta(name) + `\(`)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if wanted.Match(text) {
			return true
		}
	}
	return false
}
