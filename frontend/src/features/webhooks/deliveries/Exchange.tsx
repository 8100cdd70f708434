/** A request and its answer, beside each other where there is room. */
import { Group, Text, Title } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { CodeBlock } from '@/components/CodeBlock'
import { exactTime, latency } from '@/components/format'
import type { Attempt } from '../data'
import { isGood, readable } from './body'
import classes from '../webhooks.module.css'

interface ExchangeProps {
  url: string
  /** The same at every attempt. */
  body: unknown
  attempt: Attempt | undefined
}

export function Exchange({ url, body, attempt }: ExchangeProps) {
  const { t } = useTranslation('webhooks')
  return (
    <div className={classes.sides}>
      <section className={classes.side} aria-label={t('request')}>
        <Title order={3} size="h4">
          {t('request')}
        </Title>
        <Text size="xs" className="tl-mono" style={{ overflowWrap: 'anywhere' }}>
          {t('requestLine', { url })}
        </Text>
        {attempt && <Headers of={attempt.request_headers} label={t('requestHeaders')} />}
        <CodeBlock text={readable(body)} label={t('requestBody')} maxHeight={420} />
      </section>
      {attempt && <Answer attempt={attempt} />}
    </div>
  )
}

function Answer({ attempt }: { attempt: Attempt }) {
  const { t } = useTranslation('webhooks')
  const { status, problem, answer, at, took_ms } = attempt
  const good = isGood(status)
  return (
    <section
      className={classes.side}
      data-side="answer"
      data-good={good || undefined}
      data-bad={!good || undefined}
      aria-label={t('answer')}
    >
      <Title order={3} size="h4">
        {t('answer')}
      </Title>
      <Group gap="md">
        <Text size="sm" fw={600} className="tl-mono">
          {status ?? t('noAnswer')}
        </Text>
        <Text size="sm" c="dimmed">
          {t('took', { time: latency(took_ms) })}
        </Text>
        <Text size="sm" c="dimmed">
          {exactTime(at)}
        </Text>
      </Group>
      {problem && (
        <Text size="sm" c={good ? undefined : 'var(--mantine-color-error)'} mt={4}>
          {problem}
        </Text>
      )}
      <Headers of={attempt.answer_headers} label={t('answerHeaders')} />
      {answer ? (
        <CodeBlock text={readable(answer)} label={t('answerBody')} maxHeight={420} />
      ) : (
        status !== null && (
          <Text size="sm" c="dimmed">
            {t('answerEmpty')}
          </Text>
        )
      )}
    </section>
  )
}

function Headers({ of, label }: { of: Readonly<Record<string, unknown>>; label: string }) {
  const rows = Object.entries(of)
  if (rows.length === 0) return null
  return (
    <table className={classes.headers} aria-label={label}>
      <tbody>
        {rows.map(([name, value]) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td>{String(value)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
