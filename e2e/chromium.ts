import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { chromium } from '@playwright/test'

/** Paths of a Chromium, best first. Playwright was tested with its own version. */
const candidates = () => [
  process.env.CHROMIUM_PATH ?? '',
  chromium.executablePath(),
  // The headless shell, which Playwright uses too. The full browser draws a hidden window, which costs CPU time.
  '/usr/bin/chromium-headless-shell',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

/** Starts the file, because libraries may be missing. Ubuntu's `chromium-browser` may only print a hint. */
function starts(path: string): boolean {
  if (path === '' || !existsSync(path)) return false
  try {
    execFileSync(path, ['--version'], { stdio: 'ignore', timeout: 15_000 })
    return true
  } catch {
    return false
  }
}

export function findChromium(): string | null {
  return candidates().find(starts) ?? null
}

/**
 * Finds a Chromium or installs one.
 * @throws one line that tells the user what to install
 */
export async function obtainChromium(): Promise<string> {
  const found = findChromium()
  if (found) return found

  const canUseApt = process.getuid?.() === 0 && isDebian()
  if (await isReachable('https://cdn.playwright.dev')) {
    console.log('  Installing Chromium with Playwright…')
    const dependencies = canUseApt ? ['--with-deps'] : []
    run(process.execPath, [playwright, 'install', ...dependencies, 'chromium'])
  }
  if (!findChromium() && canUseApt) {
    console.log("  Installing Debian's chromium-headless-shell…")
    run('apt-get', ['update'])
    run('apt-get', ['install', '-y', '--no-install-recommends', 'chromium-headless-shell'])
  }

  const installed = findChromium()
  if (installed) return installed
  throw new Error(
    'The browser tests found no Chromium and could not install one. Install Chrome or Chromium, or set CHROMIUM_PATH.',
  )
}

const playwright = 'node_modules/@playwright/test/cli.js'

function run(command: string, args: string[]): void {
  const { status, stdout, stderr } = spawnSync(command, args, {
    encoding: 'utf8',
    timeout: 300_000,
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  })
  if (status === 0) return
  const lines = `${stdout ?? ''}${stderr ?? ''}`.trim().split('\n').slice(-5)
  console.error(lines.map((line) => `  ${line}`).join('\n'))
}

function isDebian(): boolean {
  try {
    return /^ID(_LIKE)?=.*debian/m.test(readFileSync('/etc/os-release', 'utf8'))
  } catch {
    return false
  }
}

/** Without this check, Playwright would retry for minutes on a machine without internet. */
async function isReachable(url: string): Promise<boolean> {
  try {
    await fetch(url, { method: 'HEAD', signal: AbortSignal.timeout(3_000) })
    return true
  } catch {
    return false
  }
}
