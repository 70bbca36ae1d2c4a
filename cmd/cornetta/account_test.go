package main

import (
	"bytes"
	"strings"
	"testing"

	"cornetta/ui/words"
)

// accountSet runs `account set` in this process. What it is given here never comes
// as far as the settings file.
func accountSet(t *testing.T, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	t.Setenv(words.Variable, "en")
	var out, errs bytes.Buffer
	code = run(t.Context(), append([]string{"account", "set"}, args...), streams{strings.NewReader(""), &out, &errs})
	return out.String(), errs.String(), code
}

// The options are made of the settings' descriptions, and are what they were.
func TestAccountOptions(t *testing.T) {
	want := `
Usage: cornetta account set --host=STRING --user=STRING --tenant=UUID [flags]

Set the account in use.

Flags:
  -h, --help                    Show context-sensitive help.
      --version                 Print the version and exit.

      --name=STRING             What to call the account, where there are
                                several.
      --by-network="off"        Choose the account by itself in networks where
                                you have chosen it before: off or on.
      --host=STRING             Name or address of the PBX; HOST:PORT,
                                ami://HOST:PORT and tls://HOST:PORT are taken
                                apart.
      --port=5038               Port of the manager interface (AMI).
      --tls="off"               Encrypt the link: off or on.
      --tls-pin=SHA256          Accept only the certificate with this SHA-256
                                fingerprint.
      --tls13="off"             Accept no version of TLS before 1.3: off or on.
      --tls-ca=FILE             Trust only the authorities whose certificates
                                are in this file, by its whole path, instead of
                                the system's.
      --user=STRING             Username of the AMI account.
      --extension=STRING        Your own extension, whose phone rings first.
      --tenant=UUID             UUID of the tenant, as the PBX's AMI page or
                                dashboard shows it.
      --syntax="variables"      Form of the request: variables or wrapper for
                                a KalliopePBX, plain for FreePBX and other
                                Asterisks.
      --channel=CHANNEL         What rings your own phone with the
                                syntax plain, such as PJSIP/%extension%;
                                Local/%extension%@from-internal if not given.
      --context=STRING          Context in which the number is dialled with the
                                syntax plain; from-internal if not given.
      --mailbox=STRING          Mailbox of your voicemail, such as 7101@default;
                                its new messages are counted after each call.
      --transfer-context=CONTEXT
                                Context in which calls that are transferred go
                                on; from_c2c_TENANT if not given, or with the
                                syntax plain the context of numbers.
      --prefix="0"              What gets an outside line, such as 0, with
                                which 333 1234567 goes out as 0 333 1234567;
                                may be empty.
      --timeout=10s             How long your own phone may ring.
      --incoming="off"          Tell of the calls that come in at the extension,
                                over a link that is kept open.
      --incoming-quiet="off"    Of the calls that come in, show the missed ones
                                only.
      --colleagues="off"        Show how the phones of colleagues stand; the PBX
                                is asked while somebody looks, not otherwise.
      --secret-stdin            Read the account's password from standard input.
`
	if out, errs, code := accountSet(t, "--help"); code != exitOK || errs != "" || "\n"+out != want {
		t.Errorf("exit status %d\n%s%s\nwant%s", code, out, errs, want)
	}
	const tenant = "12345678-1234-1234-1234-123456789abc"
	for _, c := range []struct{ args, says string }{
		{"", "missing flags: --host=STRING, --tenant=UUID, --user=STRING"},
		{"--host pbx --user u --tenant " + tenant + " --tls maybe", `--tls must be one of "off","on" but got "maybe"`},
		{"--host pbx --user u --tenant " + tenant + " --syntax rest", `--syntax must be one of "variables","wrapper","plain" but got "rest"`},
		{"--host pbx --user u --syntax variables", "missing flags: --tenant=UUID"},
		{"--syntax plain", "missing flags: --host=STRING, --user=STRING"},
		{"--host pbx --user u --syntax plain --channel PJSIP/7101", "Your phone's channel is not right."},
		{"--host pbx --user u --syntax plain --context a,b", "Context of numbers is not right."},
		{"--host pbx --user u --tenant " + tenant + " --port x", `--port: expected a valid 64 bit int but got "x"`},
		{"--host pbx --user u --tenant " + tenant + " --port 65536", "Port is out of range."},
		{"--host pbx --user u --tenant " + tenant + " --timeout 10", "--timeout: expected duration"},
		{"--host pbx --user u --tenant " + tenant + " --timeout 3m", "Ringing time is out of range."},
		{"--host pbx --user u --tenant " + tenant + " --extension x --prefix x", "Extension is not right."},
		{"--host pbx --user u --tenant 1 --extension x", "Tenant UUID is not right."},
	} {
		out, errs, code := accountSet(t, strings.Fields(c.args)...)
		if code != exitUsage || out != "" || !strings.HasPrefix(errs, "cornetta: "+c.says) {
			t.Errorf("%s: exit status %d\n%s%s", c.args, code, out, errs)
		}
	}
}

// TestPortTwice: a port behind the host and another one are not both meant.
func TestPortTwice(t *testing.T) {
	const refused = "--host says port 5039, --port says "
	for args, says := range map[string]string{
		"--host pbx:5039 --port 6038":         refused + "6038: give one of them.",
		"--host pbx:5039 --port 5038":         refused + "5038: give one of them.", // the usual one, but given
		"--port=5038 --host tls://[::1]:5039": refused + "5038: give one of them.",
		"--host pbx:5039 --port 5039":         "Tenant",
		"--host pbx:5039":                     "Tenant",
		"--host pbx --port 5039":              "Tenant",
		"--host https://pbx:8443 --port 5039": "Tenant", // a page's port is none of the AMI's
	} {
		out, errs, code := accountSet(t, append(strings.Fields(args), "--user", "u", "--tenant", "none")...)
		if code != exitUsage || out != "" || !strings.HasPrefix(errs, "cornetta: "+says) {
			t.Errorf("%s: exit status %d\n%s%s", args, code, out, errs)
		}
	}
}
