import type { PasswordHash } from '../password-hashes/password-hash.ts'
/** A link in a mail. A discovery link belongs to an address, and every other link to a member. */
export type MemberLink = {
  token: string
  type: 'multi_tenant_magic_links' | 'multi_tenant_passwords' | 'discovery'
  redirectType: 'login' | 'signup' | 'invite' | 'reset_password'
  email: string
  /** Undefined for a discovery link. */
  memberId: string | undefined
  /** The slug of the organization. The redirect URL gets it. */
  slug: string | undefined
  redirectUrl: string
  codeChallenge: string | undefined
  expiresAt: number
  used: boolean
}

export type SentCode = { code: string; expiresAt: number; used: boolean }

/** A code in a mail. Without an organization, it is for discovery. */
type MailedCode = SentCode & { organizationId: string | undefined }

/** What the login flows remember beside the members and the sessions. */
export type LoginStore = {
  /** By token. */
  links: Map<string, MemberLink>
  /** By address, because a new code replaces the last one of the same address. */
  codes: Map<string, MailedCode>
  /** By member id. */
  smsCodes: Map<string, SentCode>
  /** By address: the password that a person chose in discovery before the first membership. */
  newcomerPasswords: Map<string, PasswordHash>
}

export const createLoginStore = (): LoginStore => ({
  links: new Map(),
  codes: new Map(),
  smsCodes: new Map(),
  newcomerPasswords: new Map(),
})
