import { z } from 'zod'

/**
 * A time as Stytch writes it (RFC 3339). `z.coerce.date()` would also take numbers, null, lists and whatever text
 * the JavaScript engine makes a date of.
 */
export const timestamp = z.iso.datetime({ offset: true }).transform((text) => new Date(text))
