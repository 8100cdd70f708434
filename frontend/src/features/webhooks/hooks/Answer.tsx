/** What a hook said when it was tried, and what would have come of it. */
import { Alert, Stack, Text } from '@mantine/core'
import { IconAlertTriangle, IconCheck } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import type { components } from '@/api/schema'
import { CodeBlock } from '@/components/CodeBlock'
import { latency } from '@/components/format'
import { readable } from '../deliveries/body'
import classes from '../webhooks.module.css'

export function Answer({ answer }: { answer: components['schemas']['HookTrial'] }) {
  const { t } = useTranslation('webhooks')
  const { ok: good, problem, took_ms, status, answer: body, decision, question } = answer
  return (
    <Alert
      role="status"
      color={good ? 'petrol' : 'red'}
      icon={good ? <IconCheck size={18} /> : <IconAlertTriangle size={18} />}
      title={t(good ? 'triedGood' : 'triedBad')}
    >
      <Stack gap="xs">
        <Text size="sm">
          {status === null
            ? t('triedNoStatus', { time: latency(took_ms) })
            : t('triedStatus', { status, time: latency(took_ms) })}
        </Text>
        {problem && <Text size="sm">{problem}</Text>}
        <div className={classes.sides}>
          <CodeBlock text={readable(question)} label={t('question')} maxHeight={240} />
          {(decision ?? body) && (
            <CodeBlock
              text={readable(decision ?? body)}
              label={t(decision ? 'decision' : 'answerBody')}
              maxHeight={240}
            />
          )}
        </div>
      </Stack>
    </Alert>
  )
}
