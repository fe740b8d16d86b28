import type { AuthenticationFactor, Member, MemberSession, Organization, PolicyRole } from 'stytch'
import type { PasswordHash } from '../password-hashes/password-hash.ts'

/** A member, with the fields that the API does not return. */
export type MemberRecord = {
  /** Its roles are those of `directRoles` and of the organization. `assignRoles` keeps them current. */
  member: Member
  /** The roles that a request has assigned, without `stytch_member`. */
  directRoles: string[]
  passwordHash: PasswordHash | null
  /** The number of wrong passwords in a row. */
  failures: number
}

export type MemberSessionRecord = { session: MemberSession; token: string }

/** A login that lacks a step: the organization, a primary factor or a second factor. */
export type IntermediateSessionRecord = {
  token: string
  email: string
  /** Null in the discovery flow, until the person chooses an organization. */
  organizationId: string | null
  factors: AuthenticationFactor[]
  expiresAt: number
}

/** The data of the B2B API. */
export type B2bStore = {
  /** By organization id. */
  organizations: Map<string, Organization>
  /** By member id. Deleted members stay, because they can be reactivated. */
  members: Map<string, MemberRecord>
  /** By member session id. */
  sessions: Map<string, MemberSessionRecord>
  /** By token. */
  intermediateSessions: Map<string, IntermediateSessionRecord>
  /** The custom roles of an organization, by organization id. */
  organizationRoles: Map<string, PolicyRole[]>
}
