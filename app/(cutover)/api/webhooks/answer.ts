import { type NextRequest, NextResponse } from 'next/server'
import { errorText } from '@/lib/error-text'
import { readText } from '@/lib/request/request-body'

type Received<Code extends string> =
  | { accepted: true; result: string }
  | { accepted: false; code: Code }

const noStore = { 'cache-control': 'no-store' }

export const problem = (status: number, code: string) =>
  NextResponse.json({ error: { code } }, { status, headers: noStore })

/**
 * Answers a webhook message.
 * @param maximumBytes limit of the body
 * @param statuses the status of each refusal
 * @param receive throws when the message could not be stored, so that the sender retries later
 */
export async function answerWebhook<Code extends string>(
  request: NextRequest,
  maximumBytes: number,
  statuses: Record<Code, number>,
  receive: (body: string) => Promise<Received<Code>>,
): Promise<NextResponse> {
  const body = await readText(request, maximumBytes)
  if (body === null) return problem(413, 'message_too_large')
  try {
    const answer = await receive(body)
    if (!answer.accepted) return problem(statuses[answer.code], answer.code)
    return NextResponse.json({ result: answer.result }, { headers: noStore })
  } catch (error) {
    console.error(`webhook: ${errorText(error)}`)
    return problem(503, 'database_unavailable')
  }
}
