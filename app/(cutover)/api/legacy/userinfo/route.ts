import { type NextRequest, NextResponse } from 'next/server'
import { errorText } from '@/lib/error-text'
import { legacyConfig } from '@/lib/legacy/config'
import { redeemExchangeToken } from '@/lib/legacy/in-house/exchange-token'
import { UserinfoRefused } from '@/lib/legacy/userinfo'
import { readCredentials } from '@/lib/token/credentials'

const noStore = { 'cache-control': 'no-store' }

/**
 * Answers Stytch's question whose session it migrates, while the legacy provider is the in-house login. The token is
 * made for this one question. A session or a cookie is no answer to it.
 */
export async function GET(request: NextRequest) {
  if (legacyConfig().provider !== 'in-house') return new NextResponse(null, { status: 404 })
  const { bearer } = readCredentials(request.headers)
  if (bearer === null) return refused('token_missing', 'Send the token as Authorization: Bearer.')
  try {
    const { subject, email, emailVerified, name } = await redeemExchangeToken(bearer)
    return NextResponse.json(
      { sub: subject, email, email_verified: emailVerified, name },
      { headers: noStore },
    )
  } catch (error) {
    if (error instanceof UserinfoRefused) {
      return refused(
        'token_refused',
        'The token is unknown, used or too old, or its session ended.',
      )
    }
    console.error(`userinfo: ${errorText(error)}`)
    const body = { error: { code: 'database_unavailable', message: 'Try again.' } }
    return NextResponse.json(body, { status: 503, headers: { ...noStore, 'retry-after': '5' } })
  }
}

const refused = (code: string, message: string) =>
  NextResponse.json(
    { error: { code, message } },
    {
      status: 401,
      headers: {
        ...noStore,
        'www-authenticate': code === 'token_missing' ? 'Bearer' : 'Bearer error="invalid_token"',
      },
    },
  )
