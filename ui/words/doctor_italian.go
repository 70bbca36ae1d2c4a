package words

var checksItalian = map[string]string{
	"settings": "Impostazioni", "policy": "Criteri", "name": "Il nome del centralino", "port": "La sua porta", "tls": "Cifratura (TLS)",
	"banner": "Il saluto dell'AMI", "keyring": "Portachiavi e password", "login": "Accesso", "rights": "I permessi dell'utente",
	"clock": "Orologi", "tenant": "Tenant e contesti", "extension": "Il tuo interno", "call": "Chiamata di prova",
	"agent": "Cornetta in esecuzione", "session_bus": "Bus di sessione", "display": "Schermo", "tray": "Icona nel pannello",
	"notifications": "Notifiche", "hotkeys": "Tasti che chiamano", "tel": "Link tel:", "callto": "Link callto:",
	"clipboard": "Il testo copiato", "selection": "Il testo selezionato", "opengl": "Finestre (OpenGL)",
	"others": "Altre Cornetta", "disk": "Spazio su disco", "versions": "Versioni",
}

var foundItalian = map[Found]saying{
	FoundHung:    {"Nessuna risposta entro %[1]s", "Riprova. Se continua, riavvia il computer, poi chiedi a chi lo gestisce."},
	FoundBecause: {"Non provato, perché questo non è a posto: %[1]s", ""},
	FoundAt:      {"%[1]s: %[2]s", ""},

	FoundSettings: {"Complete, per il centralino %[1]s", ""},

	FoundPolicy:     {"Ci sono, e sono stati letti (`cornetta policy` li mostra)", ""},
	FoundPolicyNone: {"Nessuno", ""},

	FoundName:       {"%[1]s è %[2]s, trovato in %[3]s", ""},
	FoundAddress:    {"%[1]s è un indirizzo: non c'è nulla da cercare", ""},
	FoundNoResolver: {"Nessun server dei nomi ha risposto entro %[1]s", "Controlla la rete o la VPN. Se non si trovano neppure altri nomi, chiedi a chi gestisce la rete."},

	FoundPort:     {"Aperta: %[1]s", ""},
	FoundPortSome: {"Aperta: %[1]s. Non aperta: %[2]s", "Si può chiamare, forse un attimo più tardi. Chiedi a chi gestisce la rete di correggere gli indirizzi del nome del centralino."},

	FoundTLSOff:    {"Disattivato: quello che viene inviato al centralino si può leggere lungo il percorso, tranne la password", ""},
	FoundTLS:       {"%[1]s, con un certificato valido ancora per %[2]s", ""},
	FoundTLSPinned: {"%[1]s, con il certificato che hai accettato, valido ancora per %[2]s", ""},
	FoundTLSSoon:   {"%[1]s, con un certificato valido soltanto per altri %[2]s", "Chiedi a chi gestisce il centralino di rinnovarlo per tempo."},
	FoundTLSPast:   {"%[1]s, con il certificato che hai accettato, anche se è scaduto il %[2]s", "Chiedi a chi gestisce il centralino di rinnovarlo. Quello nuovo andrà accettato."},
	FoundTLSSpoken: {"La porta parla TLS, che nelle Impostazioni è disattivato", "Attiva TLS{ nelle Impostazioni}, o scegli la porta senza: di solito è la 5038."},
	FoundTLSSilent: {"La porta è aperta, ma non risponde a TLS", "Controlla la porta{ nelle Impostazioni}. Se è giusta, chiedi a chi gestisce il centralino di attivare TLS."},

	FoundBanner:       {"Risponde un manager di Asterisk (AMI %[1]s)", ""},
	FoundBannerSilent: {"La porta è aperta, ma chi c'è non dice nulla", "Controlla la porta{ nelle Impostazioni}: di solito è la 5038. Se è giusta, chiedi a chi gestisce il centralino: può essere bloccato, o un firewall può rispondere al suo posto."},

	FoundKeyring:        {"%[1]s è aperto, e ha la password", ""},
	FoundKeyringSession: {"La password resta in memoria finché Cornetta non si chiude, perché nessun portachiavi l'ha accettata", "Sblocca o installa un portachiavi (GNOME Keyring, KWallet), poi scrivi di nuovo la password{ nelle Impostazioni}."},
	FoundKeyringLocked:  {"%[1]s è bloccato", "Sbloccalo, o esci dalla sessione e rientra. Poi ripeti il controllo."},
	FoundKeyringNone:    {"Questa sessione non ha un portachiavi", "Installane uno (GNOME Keyring, KWallet), o scrivi la password{ nelle Impostazioni} a ogni avvio di Cornetta."},
	FoundKeyringSilent:  {"Il portachiavi non risponde", "Esci dalla sessione e rientra. Se continua, chiedi a chi gestisce questo computer."},
	FoundKeyringEmpty:   {"%[1]s è aperto, e non ha una password per questo account", "Scrivi la password dell'utente AMI{ nelle Impostazioni}."},

	FoundLogin:        {"Il centralino accetta utente e password", ""},
	FoundLoginRefused: {"Il centralino rifiuta l'accesso", "Una password sbagliata e un indirizzo che il centralino non ammette da qui sembrano uguali. Chi gestisce il centralino li distingue nel suo registro: per l'indirizzo c'è scritto «failed to pass IP ACL», per utente o password «failed to authenticate». L'indirizzo di questo computer è %[1]s: deve essere tra quelli ammessi (ACL). Se lo è, scrivi di nuovo la password{ nelle Impostazioni}."},
	FoundLoginSilent:  {"Il centralino accetta l'accesso, e poi non dice più nulla", "Riprova tra un minuto. Se continua, chiedi a chi gestisce il centralino."},
	FoundLoginFew:     {"Non provato: il centralino ha rifiutato %[1]d dei %[2]d accessi che Cornetta rischia in dieci minuti", "Un altro rifiuto può far bloccare questo computer. Controlla utente e password{ nelle Impostazioni}, e che il centralino ammetta l'indirizzo di questo computer; poi aspetta dieci minuti, o salva di nuovo la password."},

	FoundRights:        {"L'utente può fare quanto serve. Tutto quello che può: %[1]s", ""},
	FoundRightsMissing: {"L'utente non può: %[1]s. Tutto quello che può: %[2]s", "Gli servono «call» in lettura e «call, originate» in scrittura: chiedi a chi gestisce il centralino."},
	FoundRightsMuch:    {"L'utente può fare più di quanto sia bene: %[1]s. Tutto quello che può: %[2]s", "Chiedi a chi gestisce il centralino di lasciargli «call» in lettura e «call, originate» in scrittura: chi ottiene questa password comanda il centralino."},
	FoundRightsUntold:  {"Il centralino non elenca che cosa può fare il suo utente", ""},

	FoundClock:       {"L'orologio di questo computer e quello del centralino differiscono di meno di %[1]s", ""},
	FoundClockAhead:  {"L'orologio del centralino è %[1]s avanti rispetto a quello di questo computer", "Guarda quale dei due sbaglia, e fallo regolare dalla rete (NTP): ne dipendono i certificati e gli orari delle chiamate."},
	FoundClockBehind: {"L'orologio del centralino è %[1]s indietro rispetto a quello di questo computer", "Guarda quale dei due sbaglia, e fallo regolare dalla rete (NTP): ne dipendono i certificati e gli orari delle chiamate."},
	FoundClockUntold: {"Il centralino non dice l'ora", ""},

	FoundTenant:         {"Il centralino ha i contesti di questo tenant: %[1]s", ""},
	FoundContexts:       {"Il centralino ha i contesti per le chiamate: %[1]s. Se il tenant è giusto lo dice soltanto una chiamata", ""},
	FoundTenantMissing:  {"Il centralino non ha il contesto %[1]s", "Controlla tenant e sintassi{ nelle Impostazioni}: l'UUID del tenant è nel pannello AMI del centralino o nella sua pagina iniziale."},
	FoundContextThere:   {"Il centralino ha i contesti per le chiamate: %[1]s", ""},
	FoundContextMissing: {"Il centralino non ha il contesto %[1]s", "Controlla il contesto e il canale del tuo telefono{ nelle Impostazioni}: FreePBX e Issabel hanno from-internal, altri Asterisk il contesto in cui compongono i telefoni."},
	FoundContextOther:   {"Il centralino non ha il contesto %[1]s, ma ha quelli di un KalliopePBX", "Scegli una sintassi di KalliopePBX{ nelle Impostazioni}."},
	FoundTenantOther:    {"Il centralino non ha il contesto %[1]s, ma ha quelli dell'altra sintassi", "Scegli l'altra sintassi{ nelle Impostazioni}. Se prima era giusta, controlla il tenant: il suo UUID è nel pannello AMI del centralino o nella sua pagina iniziale."},
	FoundTenantUntold:   {"Il centralino non dice quali contesti ha: lo dice soltanto una chiamata", ""},

	FoundExtension:        {"Il centralino conosce %[1]s: il telefono è collegato e libero", ""},
	FoundExtensionInUse:   {"Il centralino conosce %[1]s: il telefono è collegato e in uso", ""},
	FoundExtensionOff:     {"Il centralino conosce %[1]s, ma il telefono non è collegato", "Accendi il telefono, e guarda se mostra il tuo nome o numero. Se no, chiedi a chi gestisce il centralino."},
	FoundExtensionUnknown: {"%[1]s non è tra gli interni del centralino, che ne elenca %[2]d", "Controlla l'interno{ nelle Impostazioni}, e il tenant."},
	FoundExtensionUntold:  {"Il centralino non elenca interni: lo dice soltanto una chiamata", ""},

	FoundCall:        {"Il tuo telefono ha squillato, hai risposto, e %[1]s dopo ha risposto l'eco", ""},
	FoundCallOpen:    {"La chiamata non è finita entro %[1]s, ed è stata riagganciata", "Richiama e rispondi quando il telefono squilla."},
	FoundCallRefused: {"Non fatta: %[1]s non è un numero che si possa chiamare senza chiedere prima", "Indica il numero del servizio eco del centralino: di solito è 800."},

	FoundAgent:      {"In esecuzione, versione %[1]s: %[2]s", ""},
	FoundAgentNone:  {"Non è in esecuzione", "Avvia Cornetta dal menu: senza, non funzionano né link né tasti né icona. Nelle Impostazioni si può farla avviare con la sessione."},
	FoundAgentOlder: {"In esecuzione, ma di un'altra versione, e non risponde a tutto", "Chiudila, e avvia di nuovo Cornetta."},

	FoundBus:         {"Risponde", ""},
	FoundBusNone:     {"Non c'è", "Avvia questo dalla sessione del desktop: via ssh, con sudo o cron non c'è, e dunque né portachiavi né icona né notifiche."},
	FoundDisplay:     {"%[1]s si può usare", ""},
	FoundDisplayNone: {"Non ce n'è uno che si possa usare", "Avvia questo dalla sessione del desktop: via ssh, con sudo o cron non c'è. Su un desktop remoto, collegati di nuovo."},

	FoundTray:       {"Il desktop mostra le icone", ""},
	FoundTrayNone:   {"Qui nulla mostra le icone", "Cornetta apre invece la sua finestra. Su GNOME le mostra il componente aggiuntivo «AppIndicator»; a un pannello può mancare l'«area di notifica»."},
	FoundTrayNoIcon: {"Il desktop mostra le icone, ma Cornetta non ha potuto crearne una", "Chiudi Cornetta, e avviala di nuovo."},

	FoundNotes:        {"Le mostra %[1]s. Sa fare: %[2]s", ""},
	FoundNotesSystem:  {"Le mostra il sistema", ""},
	FoundNotesNone:    {"Qui nulla mostra le notifiche", "Installa o avvia un programma che le mostri (dunst, mako, xfce4-notifyd): fino ad allora lo stato della chiamata è soltanto nella finestra."},
	FoundNotesSilent:  {"Il programma che mostra le notifiche non risponde", "Riavvialo, o esci dalla sessione e rientra."},
	FoundNotesButtons: {"Le mostra %[1]s, senza pulsanti: da lì non si può riagganciare. Sa fare: %[2]s", ""},

	FoundKeys:     {"%[1]s", ""},
	FoundKeysNone: {"Non ce ne sono", ""},

	FoundOpens:        {"Si aprono con Cornetta: %[1]s", ""},
	FoundOpensOther:   {"Si aprono con «%[1]s» (%[2]s), come dice %[3]s", "Scegli Cornetta{ nelle Impostazioni, alla pagina «Link e avvio»}, o nelle impostazioni di sistema per i programmi predefiniti."},
	FoundOpensNobody:  {"Nessun programma è stato scelto", "Scegli Cornetta{ nelle Impostazioni, alla pagina «Link e avvio»}, o nelle impostazioni di sistema per i programmi predefiniti."},
	FoundOpensBrowser: {"Nessun programma è stato scelto: si proverebbe con il browser", "Scegli Cornetta{ nelle Impostazioni, alla pagina «Link e avvio»}."},
	FoundOpensGone:    {"Si aprono con %[1]s, che non c'è, come dice %[2]s", "Scegli Cornetta{ nelle Impostazioni, alla pagina «Link e avvio»}, o installa di nuovo quel programma."},
	FoundOpensQuoted:  {"Su questo desktop xdg-open non può avviare %[1]s, per via del suo percorso", "Installa Cornetta in una cartella il cui nome non abbia spazi o altri caratteri speciali."},
	FoundOpensSilent:  {"Il desktop non lo dice: xdg-mime non risponde", "Esci dalla sessione e rientra. Se continua, chiedi a chi gestisce questo computer."},

	FoundReadable: {"Si può leggere", ""},
	FoundUnread:   {"Non letto, perché su questo desktop la finestra in primo piano perderebbe la tastiera", ""},

	FoundGL:       {"Le finestre si possono disegnare, con %[1]s", ""},
	FoundGLNone:   {"Non si può disegnare nessuna finestra: manca OpenGL", "Installa il driver della scheda grafica, o l'OpenGL software di Mesa. Su un desktop remoto chiedi a chi lo gestisce. Le chiamate da tasti, link e riga di comando funzionano lo stesso."},
	FoundGLSilent: {"Il programma che disegna le finestre non ha risposto entro %[1]s", "Aggiorna il driver della scheda grafica, o chiedi a chi gestisce questo computer."},
	FoundUINone:   {"Manca il programma che disegna le finestre, cornetta-ui", "Installa di nuovo Cornetta."},

	FoundAlone:      {"Nessuna", ""},
	FoundOthersOf:   {"Quelle di altre persone che usano questo computer: %[1]d", ""},
	FoundOtherOwn:   {"Un'altra delle tue è in esecuzione, in un'altra sessione: processo %[1]d", "Chiudila, a meno che tu non lavori in entrambe: ognuna accede al centralino."},
	FoundOtherOld:   {"Il processo %[1]d è Cornetta com'era prima di un aggiornamento", "Chiudilo, e avvia di nuovo Cornetta."},
	FoundOtherPlace: {"È in esecuzione un'altra delle tue Cornetta: processo %[1]d, %[2]s", "Chiudila, e rimuovi quella che non serve: due si contendono tasti e link."},

	FoundDisk:    {"%[1]d MB liberi", ""},
	FoundDiskLow: {"Restano soltanto %[1]d MB per %[2]s", "Fai spazio: senza, impostazioni e cronologia non si conservano."},

	FoundVersions:       {"Versione di Cornetta %[1]s; %[2]s; %[3]s", ""},
	FoundVersionsDiffer: {"cornetta è %[1]s, e %[2]s; %[3]s", "Chiudi Cornetta e avviala di nuovo. Se non basta, installala di nuovo: i due programmi devono essere della stessa versione."},
}
