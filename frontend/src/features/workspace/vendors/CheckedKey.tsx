/** What the vendor said when it was asked. */
import { Text } from '@mantine/core'
import { IconAlertTriangle, IconCheck, IconInfoCircle } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import type { components } from '@/api/schema'
import { latency } from '@/components/format'

export type Answer = components['schemas']['VendorKeyCheck']

export function CheckedKey({ answer, asking }: { answer: Answer | undefined; asking: boolean }) {
  const { t } = useTranslation('workspace')
  return (
    <div role="status">
      {asking && (
        <Text size="sm" c="dimmed">
          {t('vendorAsking')}
        </Text>
      )}
      {!asking && answer && <Words answer={answer} />}
    </div>
  )
}

function Words({ answer: { ok, words, took_ms } }: { answer: Answer }) {
  const Picture = ok ? IconCheck : ok === false ? IconAlertTriangle : IconInfoCircle
  return (
    <Text size="sm" c={ok === false ? 'var(--mantine-color-error)' : undefined}>
      <Picture size={14} aria-hidden style={{ verticalAlign: '-2px' }} /> {words}{' '}
      {took_ms !== null && (
        <Text span inherit c="dimmed" className="tl-mono">
          {latency(took_ms)}
        </Text>
      )}
    </Text>
  )
}
