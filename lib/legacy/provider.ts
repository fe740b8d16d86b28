import type { NextRequest, NextResponse } from 'next/server'
import type { Cookie } from '../request/forward'
import type { Revocation } from '../revocation/revocation-list'
import type { Credentials } from '../token/credentials'
import type { Issuer, Registry } from '../token/registry'
import type { LegacyRecord } from './record'
import type { LegacyReading, LegacySession } from './session'
import type { Userinfo } from './userinfo'

/**
 * Everything that the migration needs of a legacy provider. lib/legacy/auth0 and lib/legacy/in-house are two of them,
 * and `LEGACY_PROVIDER` chooses one. The notes about Amazon Cognito say what a third one would need.
 *
 * There are two types, because the middleware runs on the edge, where neither the database nor most SDKs work.
 */

/** The part of a provider that runs on the edge. It calls nobody, except to fetch public keys. */
export type LegacyLane = {
  /**
   * What the tokens of the provider must have.
   *
   * Cognito: an access token has no `aud`. It names the client in `client_id`, and its kind in `token_use`. `Issuer` has
   * no such check yet: an empty `audience` refuses every token, so the check must come first. The issuer is
   * `https://cognito-idp.REGION.amazonaws.com/POOL`, without a slash at the end.
   */
  issuer(): Issuer
  /**
   * Reads and verifies the session of a request. It must need no call, because every request waits for it.
   * @returns never throws for anything that a client can send
   */
  readSession(credentials: Credentials, registry: Registry, now: Date): Promise<LegacyReading>
  /** Whether this cookie holds a session, or a part of one. */
  isSessionCookie(name: string): boolean
  /** The cookies of a session whose `sealedUntil` ends too soon. Never throws. */
  renewedCookies(url: string, headers: Headers): Promise<Cookie[]>
  /** Answers the start of the login at /auth/login. Null leaves the request to a page of the app. */
  answerLogin(request: NextRequest): Promise<NextResponse | null>
}

/**
 * How Stytch learns whose session it migrates. Stytch sends one token to the userinfo endpoint that its dashboard names.
 *
 * - `access-token`: the access token of the session. It can be used again, and userinfo may limit the calls.
 * - `one-time-token`: each call needs a new token, which our own userinfo route answers once, within a minute.
 * - `none`: no token of this session can be exchanged. The session stays on the legacy lane until it ends.
 *
 * Cognito: userinfo takes an access token with the scope `openid` only. Only the hosted login gives one. A token of the
 * `InitiateAuth` API has the scope `aws.cognito.signin.user.admin`, so it is `none`. A one-time token of our own is the
 * way out, as the in-house login shows.
 */
export type LegacyExchange = 'access-token' | 'one-time-token' | 'none'

/** The rest of a provider, which runs in Node. */
export type LegacyProvider = {
  exchangeOf(session: LegacySession): LegacyExchange
  /**
   * A token of the session in the cookies of this request. Call it only in a server action or a route handler, and only
   * as the holder of the claim: two uses of one rotating refresh token look like a theft.
   * @param isAmbiguous the request has several cookies of one name
   * @throws {RefreshRefused | UserinfoRefused | ProviderFailure} and errors of the database
   */
  tokenOfBrowser(session: LegacySession, isAmbiguous: boolean): Promise<string>
  /** A token of a session that came as `Authorization: Bearer`. It throws as `tokenOfBrowser` does. */
  tokenOfBearer(session: LegacySession): Promise<string>
  /**
   * The user of a token, as the endpoint that Stytch asks describes the user. It uses up a one-time token.
   *
   * Cognito: the endpoint is at the domain of the hosted login, and not at the issuer. `email_verified` is a text.
   * @throws {UserinfoRefused | ProviderFailure} and errors of the database
   */
  userinfo(token: string): Promise<Userinfo>
  /** Whether a verified session has ended at the provider, as far as it is known here. Null if it goes on. */
  findEnd(session: LegacySession): Promise<Revocation | null>
  /** Seals the cookies of this request again, in a server action. Never throws. */
  renewInAction(): Promise<void>
  /** Completes a login that came back to /auth/callback. Null for a provider without a redirect. */
  completeLogin: ((request: NextRequest) => Promise<NextResponse>) | null
  /** Ends a session at the provider. Never throws. @param session null if it could not be read */
  endSession(session: LegacySession | null): Promise<void>
  /** Whether this cookie belongs to the login: a session, or a sign-in that is not complete. */
  isCookie(name: string): boolean
  /** The address at which the browser ends its session at the provider's own host. Null if there is none. */
  logoutUrl(): string | null
  /** Whether the provider may call an address of this user verified. */
  mayProveAddress(subject: string, email: string): boolean
  /** Whether this session began with a second factor. */
  usedSecondFactor(session: LegacySession): boolean
  /** Whether the user has a second factor, by the session or the record. @throws {LegacyRefusal | ProviderFailure} */
  hasSecondFactor(session: LegacySession): Promise<boolean>
  /** The one of these subjects, or of the records with this address, that has a second factor. It throws likewise. */
  findSecondFactor(subjects: string[], email: string | null): Promise<string | null>
  /** The records of users, for the mirror and for blocks. Null when this app may not read and write them. */
  records(): LegacyRecords | null
  /** The check of the health route. Null for a provider that is part of this app. */
  check: ((fetchKeys: (url: string) => Promise<void>) => Promise<unknown>) | null
}

/** The records of users. Each function throws {LegacyRefusal | ProviderFailure}, and errors of the database. */
export type LegacyRecords = {
  /** Null when the record does not exist. */
  findRecord(id: string): Promise<LegacyRecord | null>
  /** All records with an address, of every kind of login. */
  findRecordsByEmail(email: string): Promise<LegacyRecord[]>
  /** The records with these ids. It may miss the changes of the last seconds. */
  findRecords(ids: string[]): Promise<LegacyRecord[]>
  /** One page of the blocked records that changed since then. Empty after the last page. */
  findBlockedSince(since: Date, page: number): Promise<LegacyRecord[]>
  /** The id that the provider gives to a record with this local id. */
  recordId(localId: string): string
  /** Creates a record with an id of our choice, so that a retry cannot create a second one. */
  createRecord(
    localId: string,
    record: {
      email: string
      emailVerified: boolean
      name: string
      password: string
      metadata: Record<string, string>
    },
  ): Promise<void>
  updateRecord(
    id: string,
    changes: { email?: string; emailVerified?: boolean; name?: string },
  ): Promise<void>
  /** A refusal with status 400 means that the password policy of the provider refuses the password. */
  setRecordPassword(id: string, password: string): Promise<void>
  /** Makes the provider mail a link to set a password. */
  mailSetPassword(email: string): Promise<void>
  /** Blocks sign-ins until an administrator unblocks the record. It names the mirror as the cause. */
  blockRecord(id: string): Promise<void>
  /** Deletes a record. Succeeds when there is none. */
  deleteRecord(id: string): Promise<void>
}
