package words

var settingsItalian = map[string]field{
	"directories": {
		name: "Rubriche",
		want: "Sono indirizzi come ldaps://pbx.example.com/ou=people,dc=example,dc=com o https://cloud.example.com, separati da spazi e senza password.",
		note: "Server da cui si leggono i contatti, oltre a quelli aggiunti con «cornetta contacts add». Le password si danno lì.",
	},
	"name": {
		name:  "Nome",
		want:  "È un nome per l'account, fino a 40 caratteri, come Ufficio, che nessun altro account ha, senza < e > e senza un trattino davanti.",
		note:  "Come chiami questo account. Serve dove ce ne sono più d'uno.",
		help:  "Come chiamare l'account, dove ce ne sono più d'uno.",
		takes: "un nome fino a 40 caratteri, o niente se l'account è uno solo",
	},
	"by_network": {
		name:   "Rete",
		want:   "È on o off.",
		note:   "Con più account: dove hai scelto questo, è di nuovo in uso ogni volta che torni in quella rete. Non cambia mai durante una chiamata.",
		help:   "Passare da sola a questo account nelle reti in cui l'hai già scelto: off o on.",
		values: map[string]value{"true": {text: "In questa rete passa da sola a questo account"}},
	},
	"host": {
		name: "Indirizzo",
		want: "È il nome o l'indirizzo del centralino, per esempio pbx.example.com o 192.0.2.10.",
		help: "Nome o indirizzo del centralino; HOST:PORTA, ami://HOST:PORTA e tls://HOST:PORTA vengono divisi.",
	},
	"port": {
		name: "Porta",
		want: "È un numero da 1 a 65535; di solito è 5038.",
		help: "Porta dell'interfaccia di gestione (AMI).",
	},
	"tls": {
		name:   "TLS",
		want:   "È attivo o disattivato.",
		help:   "Cifra la connessione: off o on.",
		values: map[string]value{"true": {text: "Cifra la connessione (TLS)"}},
	},
	"tls_pin": {
		name: "Certificato accettato",
		want: "È un'impronta SHA-256: 64 cifre esadecimali.",
		help: "Accetta soltanto il certificato con questa impronta SHA-256.",
	},
	"tls13": {
		name:   "Solo TLS 1.3",
		want:   "È attivo o disattivato.",
		help:   "Non accettare versioni di TLS precedenti alla 1.3: off o on.",
		values: map[string]value{"true": {text: "Non accettare versioni di TLS precedenti alla 1.3"}},
	},
	"tls_ca": {
		name: "Autorità accettate",
		want: "È il percorso completo di un file con certificati PEM, per esempio /etc/ssl/azienda.pem. Lascialo vuoto per quelle del sistema.",
		note: "Il file con i certificati dell'autorità della tua azienda. Lascialo vuoto per quelle del sistema.",
		help: "Accetta soltanto le autorità i cui certificati sono in questo file, indicato con il percorso completo, al posto di quelle del sistema.",
	},
	"username": {
		name: "Nome utente",
		want: "È il nome dell'utente AMI: lettere, cifre, punti, trattini e trattini bassi.",
		help: "Nome utente dell'account AMI.",
	},
	"secret": {
		name: "Password",
		want: "È la password dell'utente AMI, su una riga.",
	},
	"tenant": {
		name: "UUID del tenant",
		want: "È come 12345678-1234-1234-1234-123456789abc. KalliopePBX lo mostra nel pannello AMI, nella dashboard o nella pagina delle statistiche d'uso.",
		help: "UUID del tenant, come lo mostra la pagina AMI o la dashboard del centralino.",
	},
	"extension": {
		name: "Interno",
		want: "È il numero interno del tuo telefono, per esempio 7101.",
		help: "Il tuo interno, il cui telefono squilla per primo.",
	},
	"prefix": {
		name:  "Linea esterna",
		want:  "È il prefisso che componi prima di un numero esterno, per esempio 0. Lascialo vuoto se non serve.",
		note:  "Lascia vuoto se non serve.",
		unit:  "vuoto se non serve",
		help:  "Prefisso per la linea esterna, per esempio 0, con cui 333 1234567 diventa 0 333 1234567; può essere vuoto.",
		takes: "fino a 8 cifre, * e #, o vuoto",
	},
	"timeout": {
		name: "Durata dello squillo",
		want: "È per quanto tempo può squillare il tuo telefono, per esempio 10s.",
		unit: "secondi",
		help: "Per quanto tempo può squillare il tuo telefono.",
	},
	"syntax": {
		name: "Sintassi",
		want: "È «variables», «wrapper» o «plain», come è impostato il centralino.",
		help: "Forma della richiesta: variables o wrapper per un KalliopePBX, plain per FreePBX e altri Asterisk.",
		values: map[string]value{
			"variables": {text: "KalliopePBX, variables – quella normale"},
			"wrapper":   {text: "KalliopePBX, wrapper – se lo dice il manuale"},
			"plain":     {text: "FreePBX e altri Asterisk"},
		},
	},
	"channel": {
		name: "Canale del tuo telefono",
		want: "È come il centralino chiama il tuo telefono, con %extension% al posto del tuo interno, per esempio PJSIP/%extension%. Lascialo vuoto per Local/%extension%@from-internal.",
		note: "Vuoto fa squillare tutti i tuoi telefoni, come la chiamata di un collega. PJSIP/%extension% ne fa squillare uno solo, e mai una casella vocale.",
		help: "Che cosa fa squillare il tuo telefono con la sintassi plain, per esempio PJSIP/%extension%; se manca, Local/%extension%@from-internal.",
	},
	"context": {
		name: "Contesto dei numeri",
		want: "È il contesto in cui il tuo telefono compone i numeri. Lascialo vuoto per from-internal.",
		note: "Lascialo vuoto per from-internal, che FreePBX e Issabel hanno.",
		help: "Contesto in cui si compone il numero con la sintassi plain; se manca, from-internal.",
	},
	"mailbox": {
		name: "Casella vocale",
		want: "È la tua casella vocale, come 7101@default. Lasciala vuota se non ne hai.",
		note: "Quanti messaggi nuovi ha si chiede dopo ogni chiamata, e dove la connessione resta aperta quando si apre: una domanda sola. Si vede nel menu dell'icona.",
		help: "La tua casella vocale, come 7101@default; i messaggi nuovi si contano dopo ogni chiamata.",
	},
	"forward_code": {
		name: "Codice per deviare le chiamate",
		want: "Ha cifre, * e #, al massimo 16. Dietro si compone il numero a cui vanno le chiamate.",
		note: "Segue il numero: 811 e 7102 devia a 7102.",
	},
	"forward_off_code": {
		name: "Codice per togliere la deviazione",
		want: "Ha cifre, * e #, al massimo 16. Lascialo vuoto se il centralino non ne ha.",
	},
	"do_not_disturb_code": {
		name: "Codice per non disturbare",
		want: "Ha cifre, * e #, al massimo 16. Lascialo vuoto se il centralino non ne ha.",
	},
	"do_not_disturb_off_code": {
		name: "Codice per togliere non disturbare",
		want: "Ha cifre, * e #, al massimo 16. Lascialo vuoto se il centralino non ne ha.",
	},
	"voicemail_code": {
		name: "Codice della casella vocale",
		want: "Ha cifre, * e #, al massimo 16. Lascialo vuoto se il centralino non ne ha.",
		note: "Si compone con un clic sui messaggi nel menu dell'icona.",
	},
	"transfer_context": {
		name: "Contesto dei trasferimenti",
		want: "È il contesto in cui continuano le chiamate trasferite. Lascialo vuoto per from_c2c_TENANT con KalliopePBX, e per il contesto dei numeri con gli altri.",
		note: "Lascialo vuoto per quello in cui KalliopePBX compone un numero dato da solo (from_c2c_TENANT) o, con un altro Asterisk, per il contesto dei numeri.",
		help: "Contesto in cui continuano le chiamate trasferite; se manca, from_c2c_TENANT, o con la sintassi plain il contesto dei numeri.",
	},

	"link": {
		name: "Connessione",
		want: "È «on-demand» o «kept».",
		note: "Una connessione aperta tutto il giorno costa al centralino un po' di lavoro per ogni chiamata di chiunque. Quella che si apre quando stai per chiamare è pronta appena hai scritto il numero.",
		values: map[string]value{
			"on-demand": {text: "Aperta quando stai per chiamare"},
			"kept":      {text: "Aperta tutto il giorno"},
		},
	},

	"language": {
		name: "Lingua",
		want: "È «en» o «it». Lascia vuoto per usare quella del desktop.",
		note: "Le finestre aperte la usano da quando le riapri.",
		values: map[string]value{
			"":   {text: "quella del desktop"},
			"en": {text: "English"},
			"it": {text: "Italiano"},
		},
	},

	"clipboard": {
		name: "Tasti per il testo copiato",
		want: "Sono Ctrl, Alt o Super insieme a un tasto, per esempio Ctrl+Alt+G. Lascia vuoto per non averne.",
	},
	"selection": {
		name: "Tasti per il testo selezionato",
		want: "Sono Ctrl, Alt o Super insieme a un tasto, per esempio Ctrl+Alt+S. Lascia vuoto per non averne.",
	},
	"copy_highlighted": {
		name:   "Copia del testo selezionato",
		want:   "È attiva o disattivata.",
		note:   "Al programma in primo piano viene inviato Ctrl+Ins; poi il testo copiato prima torna al suo posto, senza formattazione. Se negli Appunti c'è un'immagine o un file non succede niente.",
		values: map[string]value{"true": {text: "Copia il testo selezionato, per leggerlo"}},
	},

	"incoming": {
		name:   "Chiamate in arrivo",
		want:   "È attivo o no.",
		help:   "Avvisa delle chiamate in arrivo all'interno, su una connessione che resta aperta.",
		note:   "La connessione al centralino resta aperta tutto il giorno, e gli costa un po' di lavoro per ogni chiamata di chiunque.",
		values: map[string]value{"true": {text: "Avvisami delle chiamate al mio interno"}},
	},
	"incoming_quiet": {
		name:   "In silenzio",
		want:   "È attivo o no.",
		help:   "Delle chiamate in arrivo mostra solo quelle perse.",
		note:   "Mentre squilla non si vede nulla. Le chiamate perse stanno in un solo avviso.",
		values: map[string]value{"true": {text: "Mostra solo le chiamate perse"}},
	},
	"on_in_ringing": {
		name: "Arriva una chiamata",
		want: "Comincia con https:// o http://, oppure è il percorso completo di un programma con i suoi argomenti. Lascialo vuoto per non fare nulla.",
	},
	"on_in_answered": {
		name: "Ho risposto",
		want: "Comincia con https:// o http://, oppure è il percorso completo di un programma con i suoi argomenti. Lascialo vuoto per non fare nulla.",
	},
	"on_in_elsewhere": {
		name: "Ha risposto un altro",
		want: "Comincia con https:// o http://, oppure è il percorso completo di un programma con i suoi argomenti. Lascialo vuoto per non fare nulla.",
	},
	"on_in_missed": {
		name: "L'ho persa",
		want: "Comincia con https:// o http://, oppure è il percorso completo di un programma con i suoi argomenti. Lascialo vuoto per non fare nulla.",
	},
	"on_in_ended": {
		name: "È finita",
		want: "Comincia con https:// o http://, oppure è il percorso completo di un programma con i suoi argomenti. Lascialo vuoto per non fare nulla.",
	},
	"hooks": {
		name:   "Azioni",
		want:   "È attivo o no.",
		values: map[string]value{"true": {text: "Fallo durante le mie chiamate"}},
	},
	"on_ringing_own": {
		name: "Il mio telefono squilla",
		want: "Comincia con https:// o http://, oppure è il percorso completo di un programma con i suoi argomenti. Lascialo vuoto per non fare nulla.",
	},
	"on_in_call": {
		name: "Qualcuno risponde",
		want: "Comincia con https:// o http://, oppure è il percorso completo di un programma con i suoi argomenti. Lascialo vuoto per non fare nulla.",
	},
	"on_ended": {
		name: "La chiamata finisce",
		want: "Comincia con https:// o http://, oppure è il percorso completo di un programma con i suoi argomenti. Lascialo vuoto per non fare nulla.",
	},
	"on_failed": {
		name: "La chiamata non riesce",
		want: "Comincia con https:// o http://, oppure è il percorso completo di un programma con i suoi argomenti. Lascialo vuoto per non fare nulla.",
	},
	"bus_numbers": {
		name:   "Numeri sul bus di sessione",
		want:   "È attivo o no.",
		note:   "Via D-Bus ogni programma della tua sessione può seguire a che punto sono le tue chiamate. Solo con questo sa anche chi chiami.",
		values: map[string]value{"true": {text: "Di' ai programmi della mia sessione chi chiamo"}},
	},

	"colleagues": {
		name:   "Colleghi",
		want:   "È attivo o no.",
		help:   "Mostra lo stato dei telefoni dei colleghi; il centralino viene interrogato finché qualcuno guarda, altrimenti no.",
		note:   "Costa al centralino una sessione finché guardi, o aspetti qualcuno, e ogni volta un elenco dei suoi interni. Finché non fai né l'uno né l'altro non costa nulla.",
		values: map[string]value{"true": {text: "Mostra lo stato dei telefoni dei colleghi"}},
	},
	"pickup_code": {
		name: "Codice per rispondere",
		want: "È ciò che sul centralino si compone davanti all'interno che squilla, con un * o un # dentro: ** su un KalliopePBX. Lascialo vuoto se non c'è.",
		note: "Composto davanti all'interno di un collega che squilla. ** su un KalliopePBX, se non è stato cambiato lì.",
	},
	"remind_minutes": {
		name: "Promemoria dopo",
		want: "È un numero di minuti fino a 240; 0 se non lo vuoi mai.",
		unit: "minuti",
		note: "Di una chiamata che ha trovato occupato, se lo chiedi. Nulla viene mai chiamato da solo.",
	},

	"region": {
		name:  "Paese",
		want:  "È un paese dell'elenco, o le sue due lettere, per esempio IT. Lascia vuoto se non si sa.",
		takes: "le due lettere di un paese, per esempio IT, o vuoto",
	},
	"plus": {
		name: "Un + davanti",
		want: "È «00» o «keep».",
		values: map[string]value{
			"00":   {text: "diventa 00, dopo la linea esterna"},
			"keep": {text: "resta, senza linea esterna"},
		},
	},
	"confirm": {
		name: "Chiedere conferma",
		want: "È «links», «always» o «trusted».",
		values: map[string]value{
			"links": {
				text: "per i link e i casi a rischio",
				note: "Per un link viene sempre chiesta conferma. Quello che scrivi o copi viene chiamato subito, a meno che possa costare molto o che sia stato indovinato.",
			},
			"always": {
				text: "per ogni chiamata",
				note: "Vedi ogni numero come viene composto, e nessuna chiamata parte prima che tu dica di sì.",
			},
			"trusted": {
				text: "solo per i casi a rischio",
				note: "Un link a un normale numero del tuo paese viene chiamato subito, anche quando lo apre da sola una pagina web. Per i codici di servizio e per i numeri a sovrapprezzo, di emergenza ed esteri viene comunque chiesta conferma.",
			},
		},
	},
	"ext_max_len": {
		name: "Lunghezza degli interni",
		want: "È un numero di cifre da 1 a 15; di solito 4.",
		unit: "cifre al massimo; senza linea esterna",
	},
	"typed_is": {
		name: "Quello che scrivi",
		want: "È «plan», «keypad» o «public».",
		values: map[string]value{
			"plan": {
				text: "si legge come i numeri del tuo paese",
				note: "Scrivi un numero come lo leggi, con la linea esterna o senza: lo riconosce il piano di numerazione del tuo paese.",
			},
			"keypad": {
				text: "parte com'è, come sul telefono",
				note: "La linea esterna la scrivi tu: le cifre partono come sul telefono della tua scrivania.",
			},
			"public": {
				text: "è un numero pubblico, con la linea esterna",
				note: "La linea esterna va davanti a tutto, tranne interni e codici di servizio.",
			},
		},
	},
	"typed_line": {
		name: "Se il numero è ambiguo",
		want: "È «ask», «missing» o «typed».",
		values: map[string]value{
			"ask":     {text: "chiedimelo"},
			"missing": {text: "manca la linea esterna"},
			"typed":   {text: "la linea esterna l'ho scritta"},
		},
	},
	"home_national": {
		name:   "Numeri del tuo paese",
		want:   "È true o false.",
		values: map[string]value{"true": {text: "senza prefisso internazionale, come si chiamano lì"}},
	},
	"link_feature_codes": {
		name: "Codici di servizio nei link",
		want: "È «confirm» o «block».",
		values: map[string]value{
			"confirm": {text: "con richiesta di conferma"},
			"block":   {text: "rifiutati"},
		},
	},
	"premium": {
		name: "Numeri a sovrapprezzo",
		want: "È «ask» o «never».",
		values: map[string]value{
			"ask":   {text: "con richiesta di conferma"},
			"never": {text: "mai chiamati"},
		},
	},
	"abroad": {
		name: "Numeri all'estero",
		want: "È «ask» o «never».",
		values: map[string]value{
			"ask":   {text: "con richiesta di conferma, se non li hai scritti tu"},
			"never": {text: "mai chiamati"},
		},
	},
	"service_codes": {
		name: "Codici di servizio",
		want: "È «ask» o «never».",
		values: map[string]value{
			"ask":   {text: "con richiesta di conferma, se non li hai scritti tu"},
			"never": {text: "mai composti"},
		},
	},
	"local_contexts": {
		name:  "Domini di questo centralino",
		want:  "Sono i domini che nei link stanno dopo «phone-context=».",
		takes: "domini separati da virgole",
	},
	"keep_calls": {
		name:  "Chiamate conservate",
		want:  "È un numero da 0 a 100000. Con 0 non si conserva niente.",
		unit:  "con 0 non si conserva niente",
		takes: "da 0 a 100000; con 0 non si conserva niente",
	},
	"keep_days": {
		name:  "Giorni conservati",
		want:  "È un numero da 0 a 3650. Con 0 si conservano chiamate di qualsiasi età.",
		unit:  "0: di qualsiasi età",
		takes: "da 0 a 3650; 0: di qualsiasi età",
	},
	"redial": {
		name: "Tasti per l'ultimo numero",
		want: "Sono Ctrl, Alt o Super con un tasto, per esempio Ctrl+Alt+Y. Lasciali vuoti per non averne.",
	},
	"withhold_code": {
		name:  "Numero nascosto",
		want:  "È fatto al massimo di dodici segni tra 0-9 * #, come *671, oppure vuoto.",
		note:  "Accanto a Chiama lo si può scegliere per una chiamata. Su KalliopePBX è *671, se non è stato cambiato.",
		takes: "al massimo dodici segni tra 0-9 * #",
	},
	"account_codes": {
		name:  "Codici conto",
		want:  "Sono cifre, seguite da un nome o no, con virgole fra l'uno e l'altro: 1234 Rossi, 5678.",
		note:  "Accanto a Chiama se ne può scegliere uno per una chiamata: 1234 Rossi, 5678.",
		takes: "cifre con nomi, con virgole fra l'uno e l'altro",
	},
	"own_rules": {
		name:  "Regole tue",
		want:  "Sono «numero = numero», con virgole fra l'una e l'altra; x è una cifra qualsiasi, i punti alla fine sono il resto: 7xx = 050 71 7xx, 00... = +...",
		note:  "La prima che va bene sostituisce un numero: 7xx = 050 71 7xx, 00... = +... (x è una cifra qualsiasi, i punti sono il resto). Provale qui sotto.",
		takes: "regole come 7xx = 050717xx, con virgole fra l'una e l'altra",
	},
	"version": {
		name: "Versione",
		want: "La scrive Cornetta.",
	},
}
