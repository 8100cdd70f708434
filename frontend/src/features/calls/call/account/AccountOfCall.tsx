/** All answers of a call together: who served it and what they will bill. */
import { Badge, Stack, Text, Title } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { Turn } from '@/components/call/types'
import { useVendorName } from '@/components/vendors/offer'
import { totalsOf } from './account'
import { UsageWords } from './Usage'
import classes from './account.module.css'

export function AccountOfCall({ turns }: { turns: readonly Turn[] }) {
  const { t } = useTranslation('calls')
  const vendorName = useVendorName()
  const totals = totalsOf(turns)
  if (!totals || totals.vendors.length === 0) return null
  return (
    <Stack gap={6} mt="sm">
      <Title order={3} size="h4">
        {t('accountTitle')}
      </Title>
      <ul className={classes.vendors}>
        {totals.vendors.map(({ component, vendor, model, own_key }, i) => (
          <li key={i}>
            <Text span inherit c="dimmed">
              {t(`component_${component}`)}
            </Text>
            <span>{[vendorName(vendor), model].filter(Boolean).join(' ')}</span>
            {own_key && (
              <Badge size="sm" variant="outline">
                {t('ownKey')}
              </Badge>
            )}
          </li>
        ))}
      </ul>
      {totals.passedOver > 0 && (
        <Text size="sm" c="var(--mantine-color-error)">
          {t('accountPassedOverTotal', { count: totals.passedOver })}
        </Text>
      )}
      {totals.drafts > 0 && (
        <Text size="sm" c="dimmed">
          {t('accountDraftsTotal', { count: totals.drafts })}
        </Text>
      )}
      <UsageWords usage={totals.usage} />
    </Stack>
  )
}
