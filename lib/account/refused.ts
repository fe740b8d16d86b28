import { SessionUnproved } from './proof'
import { SecondFactorRequired } from './second-factor-required'
import { UserDeleted } from './user-deleted'

/** A session must open no account, though its token is valid. */
export type Refused = UserDeleted | SessionUnproved | SecondFactorRequired

export const isRefused = (error: unknown): error is Refused =>
  [UserDeleted, SessionUnproved, SecondFactorRequired].some((each) => error instanceof each)
