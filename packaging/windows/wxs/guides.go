package main

import (
	"io/fs"
	"path"
	"strings"
	"text/template"

	"cornetta/docs"
)

// folder is a folder of the guides, as the installer for a whole machine has it.
type folder struct {
	Name    string
	Path    string // with slashes, from where the files are
	Files   []string
	Folders []folder
}

// guides is a folder of them, below docs.
func guides(below string) (folder, error) {
	f := folder{Path: path.Join("docs", below)}
	f.Name = path.Base(f.Path)
	entries, err := fs.ReadDir(docs.Files, below)
	if err != nil {
		return f, err
	}
	for _, e := range entries {
		if !e.IsDir() {
			f.Files = append(f.Files, path.Join(f.Path, e.Name()))
			continue
		}
		in, err := guides(path.Join(below, e.Name()))
		if err != nil {
			return f, err
		}
		f.Folders = append(f.Folders, in)
	}
	return f, nil
}

// templates are those of group policies, which packaging/templates.sh puts below the guides.
func templates(languages []string) folder {
	f := folder{Name: "policies", Path: "docs/policies", Files: []string{"docs/policies/Cornetta.admx"}}
	for _, language := range languages {
		name := language + "-" + strings.ToUpper(language)
		if language == "en" {
			name = "en-US"
		}
		p := path.Join(f.Path, name)
		f.Folders = append(f.Folders, folder{Name: name, Path: p, Files: []string{p + "/Cornetta.adml"}})
	}
	return f
}

// All are the files in f and below it.
func (f folder) All() []string {
	all := f.Files
	for _, in := range f.Folders {
		all = append(all, in.All()...)
	}
	return all
}

// guideID is a name that Windows Installer takes.
func guideID(path string) string {
	return strings.NewReplacer("/", ".", "-", "_").Replace(path)
}

var _ = template.Must(description.New("guides").Funcs(template.FuncMap{"guide": guideID, "base": path.Base}).Parse(
	`<Directory Id="{{guide .Path}}" Name="{{.Name}}">
{{- range .Files}}
  <Component Id="{{guide .}}" Win64="yes" Guid="{{id .}}"><File Id="file.{{guide .}}" Name="{{base .}}" Source="{{.}}" KeyPath="yes"/></Component>
{{- end}}
{{- range .Folders}}
{{template "guides" .}}
{{- end}}
</Directory>`))
