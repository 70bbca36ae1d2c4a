package words

var settingsEnglish = map[string]field{
	"directories": {
		name: "Directories",
		want: "They are addresses such as ldaps://pbx.example.com/ou=people,dc=example,dc=com or https://cloud.example.com, with spaces between them and no password in them.",
		note: "Servers that contacts are read from, beside those that were added with 'cornetta contacts add'. Passwords are given there.",
	},
	"name": {
		name:  "Name",
		want:  "It is a name of up to 40 characters for the account, such as Office, that no other account has, without < and > and not with a dash in front.",
		note:  "What you call this account. It needs one where there are several.",
		help:  "What to call the account, where there are several.",
		takes: "a name of up to 40 characters, or nothing where there is one account",
	},
	"by_network": {
		name:   "Network",
		want:   "It is on or off.",
		note:   "With several accounts: where you have chosen this one, it is in use again whenever you come back to that network. It never changes in a call.",
		help:   "Choose the account by itself in networks where you have chosen it before: off or on.",
		values: map[string]value{"true": {text: "Choose this account in this network by itself"}},
	},
	"host": {
		name: "Host",
		want: "It is the PBX's name or address, such as pbx.example.com or 192.0.2.10.",
		help: "Name or address of the PBX; HOST:PORT, ami://HOST:PORT and tls://HOST:PORT are taken apart.",
	},
	"port": {
		name: "Port",
		want: "It is a number from 1 to 65535; 5038 is usual.",
		help: "Port of the manager interface (AMI).",
	},
	"tls": {
		name:   "TLS",
		want:   "It is on or off.",
		help:   "Encrypt the link: off or on.",
		values: map[string]value{"true": {text: "Encrypt the link (TLS)"}},
	},
	"tls_pin": {
		name: "Trusted certificate",
		want: "It is a SHA-256 fingerprint: 64 hexadecimal digits.",
		help: "Accept only the certificate with this SHA-256 fingerprint.",
	},
	"tls13": {
		name:   "TLS 1.3",
		want:   "It is on or off.",
		help:   "Accept no version of TLS before 1.3: off or on.",
		values: map[string]value{"true": {text: "Accept no version of TLS before 1.3"}},
	},
	"tls_ca": {
		name: "Trusted authorities",
		want: "It is the whole path of a file with certificates in PEM, such as /etc/ssl/company.pem. Leave it empty for the system's.",
		note: "The file with the certificates of your company's own authority. Leave it empty for the system's.",
		help: "Trust only the authorities whose certificates are in this file, by its whole path, instead of the system's.",
	},
	"username": {
		name: "Username",
		want: "It is the AMI user's name, in letters, digits, dots, dashes and underscores.",
		help: "Username of the AMI account.",
	},
	"secret": {
		name: "Password",
		want: "It is the AMI user's password, on one line.",
	},
	"tenant": {
		name: "Tenant UUID",
		want: "It looks like 12345678-1234-1234-1234-123456789abc. KalliopePBX shows it in the AMI panel, on the dashboard or on the usage statistics page.",
		help: "UUID of the tenant, as the PBX's AMI page or dashboard shows it.",
	},
	"extension": {
		name: "Extension",
		want: "It is your own phone's number inside the PBX, such as 7101.",
		help: "Your own extension, whose phone rings first.",
	},
	"prefix": {
		name:  "Outside line",
		want:  "It is what you dial before an outside number, such as 0. Leave it empty if nothing is needed.",
		note:  "Leave it empty if nothing is needed.",
		unit:  "empty if nothing is needed",
		help:  "What gets an outside line, such as 0, with which 333 1234567 goes out as 0 333 1234567; may be empty.",
		takes: "up to 8 digits, * and #, or empty",
	},
	"timeout": {
		name: "Ringing time",
		want: "It is how long your own phone may ring, such as 10s.",
		unit: "seconds",
		help: "How long your own phone may ring.",
	},
	"syntax": {
		name: "Syntax",
		want: "It is “variables”, “wrapper” or “plain”, as the PBX is set up.",
		help: "Form of the request: variables or wrapper for a KalliopePBX, plain for FreePBX and other Asterisks.",
		values: map[string]value{
			"variables": {text: "KalliopePBX, variables – the usual one"},
			"wrapper":   {text: "KalliopePBX, wrapper – if its manual says so"},
			"plain":     {text: "FreePBX and other Asterisks"},
		},
	},
	"channel": {
		name: "Your phone's channel",
		want: "It is how the PBX calls your phone, with %extension% where your extension belongs, such as PJSIP/%extension%. Leave it empty for Local/%extension%@from-internal.",
		note: "Empty rings all of your phones, as a colleague's call does. PJSIP/%extension% rings one phone, and never a mailbox.",
		help: "What rings your own phone with the syntax plain, such as PJSIP/%extension%; Local/%extension%@from-internal if not given.",
	},
	"context": {
		name: "Context of numbers",
		want: "It is the context in which your phone dials numbers. Leave it empty for from-internal.",
		note: "Leave it empty for from-internal, which FreePBX and Issabel have.",
		help: "Context in which the number is dialled with the syntax plain; from-internal if not given.",
	},
	"mailbox": {
		name: "Mailbox",
		want: "It is the mailbox of your voicemail, such as 7101@default. Leave it empty where you have none.",
		note: "How many new messages it has is asked for after each call, and where the link is kept when it opens: one question, no more. The tray's menu shows it.",
		help: "Mailbox of your voicemail, such as 7101@default; its new messages are counted after each call.",
	},
	"forward_code": {
		name: "Code to forward calls",
		want: "It has digits, * and #, 16 at most. The number that calls go to is dialled behind it.",
		note: "The number follows: 811 and 7102 forwards to 7102.",
	},
	"forward_off_code": {
		name: "Code to end the forward",
		want: "It has digits, * and #, 16 at most. Leave it empty where the PBX has none.",
	},
	"do_not_disturb_code": {
		name: "Code for do not disturb",
		want: "It has digits, * and #, 16 at most. Leave it empty where the PBX has none.",
	},
	"do_not_disturb_off_code": {
		name: "Code to end do not disturb",
		want: "It has digits, * and #, 16 at most. Leave it empty where the PBX has none.",
	},
	"voicemail_code": {
		name: "Code of the voicemail",
		want: "It has digits, * and #, 16 at most. Leave it empty where the PBX has none.",
		note: "It is dialled where the messages are clicked in the tray's menu.",
	},
	"transfer_context": {
		name: "Context of transfers",
		want: "It is the context in which calls that are transferred go on. Leave it empty for from_c2c_TENANT with KalliopePBX, and for the context of numbers with others.",
		note: "Leave it empty for the one in which KalliopePBX dials a number that it is given alone (from_c2c_TENANT), or, with another Asterisk, for the context of numbers.",
		help: "Context in which calls that are transferred go on; from_c2c_TENANT if not given, or with the syntax plain the context of numbers.",
	},

	"link": {
		name: "Link",
		want: "It is “on-demand” or “kept”.",
		note: "A link that is open all day costs the PBX a little work for every call that anybody makes. One that is opened when you are about to dial is ready by the time you have typed the number.",
		values: map[string]value{
			"on-demand": {text: "Opened when you are about to dial"},
			"kept":      {text: "Kept open all day"},
		},
	},

	"language": {
		name: "Language",
		want: "It is “en” or “it”. Leave it empty for the desktop's.",
		note: "Windows that are open speak it when they are opened again.",
		values: map[string]value{
			"":   {text: "the desktop's"},
			"en": {text: "English"},
			"it": {text: "Italiano"},
		},
	},

	"clipboard": {
		name: "The keys for what was copied",
		want: "They are Ctrl, Alt or Super with a key, such as Ctrl+Alt+G. Leave them empty for none.",
	},
	"selection": {
		name: "The keys for what is highlighted",
		want: "They are Ctrl, Alt or Super with a key, such as Ctrl+Alt+S. Leave them empty for none.",
	},
	"copy_highlighted": {
		name:   "Whether to copy what is highlighted",
		want:   "It is on or off.",
		note:   "The program in front gets Ctrl+Insert; then the text that was copied before is put back, without its formatting. Nothing is done while a picture or a file is copied.",
		values: map[string]value{"true": {text: "Copy what is highlighted, to read it"}},
	},

	"incoming": {
		name:   "Incoming calls",
		want:   "It is on or off.",
		help:   "Tell of the calls that come in at the extension, over a link that is kept open.",
		note:   "This keeps the link to the PBX open all day, which costs the PBX a little work for every call that anybody makes.",
		values: map[string]value{"true": {text: "Tell me of the calls to my extension"}},
	},
	"incoming_quiet": {
		name:   "Quietly",
		want:   "It is on or off.",
		help:   "Of the calls that come in, show the missed ones only.",
		note:   "Nothing is shown while it rings. What you missed is told in one notification.",
		values: map[string]value{"true": {text: "Show missed calls only"}},
	},
	"on_in_ringing": {
		name: "A call comes in",
		want: "It begins with https:// or http://, or it is the whole path of a program with its arguments. Leave it empty for nothing.",
	},
	"on_in_answered": {
		name: "I answered it",
		want: "It begins with https:// or http://, or it is the whole path of a program with its arguments. Leave it empty for nothing.",
	},
	"on_in_elsewhere": {
		name: "Somebody else did",
		want: "It begins with https:// or http://, or it is the whole path of a program with its arguments. Leave it empty for nothing.",
	},
	"on_in_missed": {
		name: "I missed it",
		want: "It begins with https:// or http://, or it is the whole path of a program with its arguments. Leave it empty for nothing.",
	},
	"on_in_ended": {
		name: "It is over",
		want: "It begins with https:// or http://, or it is the whole path of a program with its arguments. Leave it empty for nothing.",
	},
	"hooks": {
		name:   "Actions",
		want:   "It is on or off.",
		values: map[string]value{"true": {text: "Do this at my own calls"}},
	},
	"on_ringing_own": {
		name: "My phone rings",
		want: "It begins with https:// or http://, or it is the whole path of a program with its arguments. Leave it empty for nothing.",
	},
	"on_in_call": {
		name: "Somebody answers",
		want: "It begins with https:// or http://, or it is the whole path of a program with its arguments. Leave it empty for nothing.",
	},
	"on_ended": {
		name: "The call is over",
		want: "It begins with https:// or http://, or it is the whole path of a program with its arguments. Leave it empty for nothing.",
	},
	"on_failed": {
		name: "The call fails",
		want: "It begins with https:// or http://, or it is the whole path of a program with its arguments. Leave it empty for nothing.",
	},
	"bus_numbers": {
		name:   "Numbers on the session bus",
		want:   "It is on or off.",
		note:   "By D-Bus every program of your session can follow how your calls stand. Whom you call it learns only with this.",
		values: map[string]value{"true": {text: "Tell the programs of my session whom I call"}},
	},

	"colleagues": {
		name:   "Colleagues",
		want:   "It is on or off.",
		help:   "Show how the phones of colleagues stand; the PBX is asked while somebody looks, not otherwise.",
		note:   "It costs the PBX a session while you look, or wait for somebody, and then one list of its extensions. While you do neither it costs nothing.",
		values: map[string]value{"true": {text: "Show how the phones of colleagues stand"}},
	},
	"pickup_code": {
		name: "Code to pick up",
		want: "It is what the PBX has you dial in front of the extension that rings, with a * or # in it: ** on a KalliopePBX. Leave it empty where there is none.",
		note: "Dialled in front of a colleague's extension that rings. ** on a KalliopePBX, unless it was changed there.",
	},
	"remind_minutes": {
		name: "Remind me after",
		want: "It is a number of minutes up to 240; 0 if you never want it.",
		unit: "minutes",
		note: "Of a call that found the line busy, where you ask for it. Nothing is ever called by itself.",
	},

	"region": {
		name:  "Home country",
		want:  "It is a country of the list, or its two letters, such as IT. Leave it empty if it is not known.",
		takes: "a country's two letters, such as IT, or empty",
	},
	"plus": {
		name: "A + in front",
		want: "It is “00” or “keep”.",
		values: map[string]value{
			"00":   {text: "becomes 00, behind the outside line"},
			"keep": {text: "stays, without an outside line"},
		},
	},
	"confirm": {
		name: "Asking first",
		want: "It is “links”, “always” or “trusted”.",
		values: map[string]value{
			"links": {
				text: "about links, and what is risky",
				note: "A link is always asked about. What you type or copy is called at once, unless it may be expensive or had to be guessed.",
			},
			"always": {
				text: "about every call",
				note: "You see every number as it is dialled, and nothing is called before you say yes.",
			},
			"trusted": {
				text: "only about what is risky",
				note: "A link to a plain number of your home country is called at once, also when a web page opens it by itself. Service codes, premium, emergency and foreign numbers are asked about all the same.",
			},
		},
	},
	"ext_max_len": {
		name: "Longest internal number",
		want: "It is a number of digits from 1 to 15; 4 is usual.",
		unit: "digits; they get no outside line",
	},
	"typed_is": {
		name: "What you type",
		want: "It is “plan”, “keypad” or “public”.",
		values: map[string]value{
			"plan": {
				text: "is read as your country's numbers are",
				note: "Type a number as you read it, with the outside line or without: your country's numbering plan knows which.",
			},
			"keypad": {
				text: "goes out as it is, as on your phone",
				note: "Type the outside line yourself: the digits go out as on your desk phone.",
			},
			"public": {
				text: "is a number as on paper, and gets the outside line",
				note: "The outside line is put in front of all but extensions and service codes.",
			},
		},
	},
	"typed_line": {
		name: "Where both would be right",
		want: "It is “ask”, “missing” or “typed”.",
		values: map[string]value{
			"ask":     {text: "ask me"},
			"missing": {text: "the outside line is missing"},
			"typed":   {text: "I typed the outside line"},
		},
	},
	"home_national": {
		name:   "Numbers of the home country",
		want:   "It is true or false.",
		values: map[string]value{"true": {text: "without the country's code, as people there dial them"}},
	},
	"link_feature_codes": {
		name: "Service codes in links",
		want: "They are “confirm” or “block”.",
		values: map[string]value{
			"confirm": {text: "are asked about"},
			"block":   {text: "are refused"},
		},
	},
	"premium": {
		name: "Premium numbers",
		want: "They are “ask” or “never”.",
		values: map[string]value{
			"ask":   {text: "are asked about"},
			"never": {text: "are never called"},
		},
	},
	"abroad": {
		name: "Numbers abroad",
		want: "They are “ask” or “never”.",
		values: map[string]value{
			"ask":   {text: "are asked about, unless you typed them"},
			"never": {text: "are never called"},
		},
	},
	"service_codes": {
		name: "Service codes",
		want: "They are “ask” or “never”.",
		values: map[string]value{
			"ask":   {text: "are asked about, unless you typed them"},
			"never": {text: "are never dialled"},
		},
	},
	"local_contexts": {
		name:  "Domains of this PBX",
		want:  "They are domains as they stand behind “phone-context=” in links.",
		takes: "domains, with commas between them",
	},
	"keep_calls": {
		name:  "Calls kept",
		want:  "It is a number from 0 to 100000. With 0 nothing is kept.",
		unit:  "with 0 nothing is kept",
		takes: "0 to 100000; with 0 nothing is kept",
	},
	"keep_days": {
		name:  "Days kept",
		want:  "It is a number from 0 to 3650. With 0 calls are kept however old they are.",
		unit:  "0: however old",
		takes: "0 to 3650; 0: however old",
	},
	"redial": {
		name: "The keys for the last number",
		want: "They are Ctrl, Alt or Super with a key, such as Ctrl+Alt+Y. Leave them empty for none.",
	},
	"withhold_code": {
		name:  "Withheld number",
		want:  "It is at most twelve of 0-9 * #, such as *671, or empty.",
		note:  "Beside Call it can then be chosen for one call. On KalliopePBX it is *671 unless changed.",
		takes: "at most twelve of 0-9 * #",
	},
	"account_codes": {
		name:  "Account codes",
		want:  "They are digits, with a name behind them or without, and commas between them: 1234 Rossi, 5678.",
		note:  "Beside Call one of them can be chosen for one call: 1234 Rossi, 5678.",
		takes: "digits with names, and commas between them",
	},
	"own_rules": {
		name:  "Own rules",
		want:  "They are “number = number”, with commas between them; x is any digit, dots at the end are the rest: 7xx = 050 71 7xx, 00... = +...",
		note:  "The first that fits replaces a number: 7xx = 050 71 7xx, 00... = +... (x is any digit, dots are the rest). Try them below.",
		takes: "rules such as 7xx = 050717xx, with commas between them",
	},
	"version": {
		name: "Version",
		want: "It is written by Cornetta.",
	},
}
