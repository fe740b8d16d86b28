import type { Account } from '../../account/account'
import type { Proof } from '../../account/proof'
import type { LegacySession } from '../../legacy/session'
import type { Userinfo } from '../../legacy/userinfo'
import type { OpenedSession } from '../../stytch/opened-session'
import type { ProjectSessions } from './project-sessions'

/**
 * Everything of a migration that differs between a user of the consumer project and a member of an organization. Claim,
 * brake, retries and events are the same for both.
 */
export type MigrationTarget = {
  /**
   * The legacy id of the organization of a member's session, and null for a user. Single sign-on gives one `sid` to the
   * consumer app and to all organizations. Each of these sessions has a claim of its own.
   */
  organizationId: string | null
  sessions: ProjectSessions
  /**
   * Finds the user or member at Stytch, before anything is written there.
   * @throws {MigrationRefused | StytchRefusal | LegacyRefusal | ProviderFailure}
   */
  find(session: LegacySession, legacyUser: Userinfo): Promise<Candidate>
}

/** The user or member at Stytch to which the legacy session may belong. It may not exist yet. */
export type Candidate = {
  /** Whether Stytch asks this user for a second factor at the next sign-in. */
  hasSecondFactor(): Promise<boolean>
  /**
   * Opens a session. Creates the user or member first where Stytch does not know one.
   * @throws {MigrationRefused | StytchRefusal | ProviderFailure}
   */
  open(account: Account, request: SessionRequest): Promise<Opened>
}

export type SessionRequest = {
  /** A token of the legacy provider for one call to Stytch. A one-time token is new each time. */
  token(): Promise<string>
  minutes: number
  /** The user can read them. */
  customClaims: Record<string, string>
}

/** A session that Stytch has opened. No client gets it before it is proved and linked. */
export type Opened = {
  session: OpenedSession
  /** Proves that it belongs to the legacy user. @throws {MigrationRefused} and errors of both providers */
  prove(): Promise<Proof>
  /**
   * Links the user or member to the account.
   * @returns the session, with a new JWT where its content has changed
   * @throws {MigrationRefused} and errors of both providers and of the database
   */
  link(proof: Proof): Promise<OpenedSession>
}
