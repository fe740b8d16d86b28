import { z } from 'zod'

/**
 * A time as Stytch writes it (RFC 3339). `z.coerce.date()` would also accept numbers, null, lists and other formats.
 */
export const timestamp = z.iso.datetime({ offset: true }).transform((text) => new Date(text))

/** A session whose start is unknown counts as older than every proof. */
export const startTime = timestamp.catch(new Date(0))
