/** What the files contain and nobody may repeat: addresses, hashes, tokens, phone numbers and names. */
export const secretsInFiles =
  /@|(load|acme)\.example|\$(2[aby]|P|argon2|scrypt|pbkdf2)|SSHA|d41d8cd9|token-of|\+1202555|Grace|Hopper|User \d/
