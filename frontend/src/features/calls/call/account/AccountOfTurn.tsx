/** One answer to the millisecond: what overlapped with what, who did it, what it cost. */
import { Stack, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import parts from '@/components/call/call.module.css'
import { latency } from '@/components/format'
import { useVendorName } from '@/components/vendors/offer'
import { type Span, type TurnAccount, waterfall, type Waterfall } from './account'
import { UsageWords } from './Usage'
import classes from './account.module.css'

export function AccountOfTurn({ account }: { account: TurnAccount }) {
  const { t } = useTranslation('calls')
  const vendorName = useVendorName()
  const drawn = waterfall(account)
  return (
    <Stack gap={6} className={classes.account}>
      {drawn.spans.length > 0 && (
        <ol className={classes.falls}>
          {drawn.spans.map((span) => (
            <Fall key={span.part} span={span} whole={drawn} />
          ))}
        </ol>
      )}
      <ul className={classes.notes}>
        {account.endpointing && <li>{t('accountEndpointing', { reason: account.endpointing })}</li>}
        {account.drafts > 0 && <li>{t('accountDrafts', { count: account.drafts })}</li>}
        {account.passed_over.map(({ component, vendor, reason, after_ms }, i) => (
          <li key={i} className={classes.trouble}>
            {t('accountPassedOver', {
              component: t(`component_${component}`),
              vendor: vendorName(vendor),
              time: latency(after_ms),
              reason,
            })}
          </li>
        ))}
        {account.tools.map(({ name, took_ms }, i) => (
          <li key={i}>{t('accountTool', { name, time: latency(took_ms) })}</li>
        ))}
      </ul>
      <UsageWords usage={account.usage} />
    </Stack>
  )
}

function Fall({ span, whole }: { span: Span; whole: Waterfall }) {
  const { t } = useTranslation(['calls', 'call'])
  const vendorName = useVendorName()
  const share = (ms: number) => `${(100 * (ms - whole.from)) / (whole.to - whole.from)}%`
  const by = span.by && [vendorName(span.by.vendor), span.by.model].filter(Boolean).join(' ')
  return (
    <li>
      <div className={classes.what}>
        {t(`call:part_${span.part}`)}
        {by && (
          <Text span inherit c="dimmed">
            {' '}
            {by}
          </Text>
        )}
        {span.early && (
          <Text span inherit c="dimmed">
            {' '}
            {t('accountEarly')}
          </Text>
        )}
      </div>
      <div className={classes.track} aria-hidden>
        <span
          className={parts.part}
          data-part={span.part}
          style={{ left: share(span.from), width: `max(2px, calc(${share(span.to)} - ${share(span.from)}))` }}
        />
      </div>
      <div className={`tl-mono ${classes.ms}`}>
        {t('accountSpan', { from: Math.round(span.from), to: Math.round(span.to) })}
      </div>
    </li>
  )
}
