import 'server-only'
import { auth0Config } from '../config'
import type { LegacyRecords } from '../provider'
import * as management from './management'
import { findBlockedSince, findRecords } from './record-search'

/** The records of Auth0's users. Null without the client of the Management API. */
export const auth0Records = (): LegacyRecords | null =>
  auth0Config().management && { ...management, findRecords, findBlockedSince }
