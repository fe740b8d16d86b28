import { z } from 'zod'

/**
 * An email address, in lower case.
 *
 * The pattern is that of the HTML standard, which browsers apply to `<input type="email">`. `z.email()` refuses
 * addresses that providers accept: `a&b@`, `o!brien@`, `user/dept@` and top-level domains such as `xn--p1ai`.
 * The pattern allows ASCII only. Folding the case of other letters can make one address of two.
 * https://html.spec.whatwg.org/multipage/input.html#valid-e-mail-address
 */
export const emailAddress = z
  .string()
  // RFC 5321 section 4.5.3.1.3: a path has 256 characters, two of which are its brackets.
  .max(254)
  .regex(z.regexes.html5Email)
  .toLowerCase()

export const isEmailAddress = (text: string): boolean => emailAddress.safeParse(text).success

/**
 * Whether a mail can reach this address. It may have other than ASCII letters (RFC 6531). A user can prove such an
 * address, but it never joins accounts: two providers may read it as two addresses.
 */
export const isMailable = (text: string): boolean =>
  isEmailAddress(text) ||
  (text.length <= 254 && /^[^\s\p{C}@<>(),;:\\"[\]]+@[^\s\p{C}@<>(),;:\\"[\]]+$/u.test(text))

/** The address in lower case. An invalid address is returned unchanged. */
export const normalizedEmail = (text: string): string => emailAddress.safeParse(text).data ?? text
