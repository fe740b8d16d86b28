/**
 * The mailbox that an address probably reaches, as the key of a limit: `victim+1@` and `victim@` fill the same one. Never
 * use it for identity: a domain may give `a+b@` and `a@` to two people.
 *
 * `validator` cuts tags at four providers only, and the limit needs them cut everywhere.
 * @param address in lower case
 */
export function mailboxOf(address: string): string {
  const at = address.lastIndexOf('@')
  const domain = address.slice(at + 1)
  const tag = address.indexOf('+')
  // A local part that begins with the plus has nothing else.
  const name = address.slice(0, tag > 0 && tag < at ? tag : at)
  // https://support.google.com/mail/answer/7436150
  return gmailDomains.has(domain) ? `${name.replaceAll('.', '')}@gmail.com` : `${name}@${domain}`
}

const gmailDomains: ReadonlySet<string> = new Set(['gmail.com', 'googlemail.com'])
