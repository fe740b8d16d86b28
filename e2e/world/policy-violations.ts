import type { Browser } from '@playwright/test'
import { urls } from '../../sandbox/settings.ts'

/** Collects the violations of the Content Security Policy in every context of a browser. */

/** The stand-ins have policies of their own. */
const elsewhere = [urls.stytch, urls.auth0]

/** @param violations the list that the violations are added to */
export function collectPolicyViolations(browser: Browser, violations: string[]): void {
  browser.on('context', (context) => {
    // Chromium writes each violation to the console, also without JavaScript in the page.
    context.on('console', (message) => {
      const { url } = message.location()
      if (!message.text().includes('Content Security Policy')) return
      if (elsewhere.some((address) => url.startsWith(address))) return
      violations.push(`${message.page()?.url() ?? url}: ${message.text()}`)
    })
  })
}
