/**
 * Domains under which anybody gets an address: that two firms' owners have one there says nothing. Large providers of the
 * countries where members are; others are added as they are met. Wrongly left out, a provider links strangers, which an
 * operator sees as an alarm and undoes.
 */
export const MAIL_PROVIDERS: ReadonlySet<string> = new Set([
  // Worldwide.
  'gmail.com', 'googlemail.com', 'outlook.com', 'outlook.fr', 'hotmail.com', 'hotmail.fr', 'hotmail.co.uk', 'hotmail.it', 'hotmail.es', 'live.com', 'live.fr', 'live.be',
  'msn.com', 'yahoo.com', 'yahoo.fr', 'yahoo.de', 'yahoo.it', 'yahoo.es', 'yahoo.co.uk', 'ymail.com', 'aol.com', 'icloud.com', 'me.com', 'mac.com', 'proton.me',
  'protonmail.com', 'pm.me', 'gmx.com', 'gmx.net', 'mail.com', 'zoho.com', 'fastmail.com', 'hey.com', 'tutanota.com', 'tuta.io', 'yandex.com', 'qq.com', '163.com',
  // France.
  'orange.fr', 'wanadoo.fr', 'free.fr', 'sfr.fr', 'neuf.fr', 'laposte.net', 'bbox.fr', 'numericable.fr', 'aliceadsl.fr', 'club-internet.fr', 'cegetel.net', 'gmx.fr', 'mailo.com',
  // Belgium, Luxembourg, Switzerland.
  'skynet.be', 'telenet.be', 'proximus.be', 'voo.be', 'pt.lu', 'bluewin.ch', 'sunrise.ch', 'hispeed.ch', 'gmx.ch',
  // Germany, Austria.
  'gmx.de', 'web.de', 't-online.de', 'freenet.de', 'posteo.de', 'mailbox.org', 'arcor.de', 'gmx.at', 'aon.at',
  // Italy, Spain, Netherlands, United Kingdom.
  'libero.it', 'virgilio.it', 'tiscali.it', 'alice.it', 'tin.it', 'telefonica.net', 'ziggo.nl', 'kpnmail.nl', 'planet.nl', 'btinternet.com', 'sky.com',
  // Set aside for examples (RFC 2606): nobody owns an address there.
  'example.com', 'example.net', 'example.org', 'example.test',
]);

/** Endings under which names are sold, as those of a country are: there a firm's own domain has one label more. */
export const SHARED_ENDINGS: ReadonlySet<string> = new Set([
  'co.uk', 'org.uk', 'ltd.uk', 'me.uk', 'com.fr', 'asso.fr', 'nom.fr', 'co.at', 'or.at', 'com.es', 'org.es', 'com.pl', 'net.pl', 'com.pt', 'com.tr', 'com.gr', 'com.ro', 'com.mt',
  'com.cy', 'co.il', 'co.za', 'com.au', 'co.nz', 'co.jp', 'com.br', 'com.mx', 'com.cn', 'co.in', 'com.ma', 'com.tn',
]);
