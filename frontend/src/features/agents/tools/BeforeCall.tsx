/** Requests before the call begins, whose answers give variables. */
import { Button, Stack, Text, TextInput } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { emptyPrefetch, MOST_PREFETCHES, type PrefetchForm } from '../config/tools'
import classes from '../editor/editor.module.css'
import { Limited, Part, Row } from '../editor/fields'
import { useAgentForm } from '../editor/form'
import { PairRows } from './PairRows'

const PLACE = 'config.prefetch'

export function BeforeCall() {
  const { t } = useTranslation('agents')
  const form = useAgentForm()
  const { prefetch } = form.values.config
  return (
    <Part title={t('prefetch')} lead={t('prefetchHelp')}>
      {prefetch.map((one, i) => (
        <div key={i} className={classes.fallback}>
          <Row label={t('removePrefetch', { number: i + 1 })} onRemove={() => form.removeListItem(PLACE, i)}>
            <Request one={one} at={i} />
          </Row>
        </div>
      ))}
      {prefetch.length === 0 && (
        <Text size="sm" c="dimmed">
          {t('noPrefetch')}
        </Text>
      )}
      {prefetch.length < MOST_PREFETCHES && (
        <Button
          variant="default"
          size="xs"
          leftSection={<IconPlus size={14} />}
          style={{ alignSelf: 'flex-start' }}
          onClick={() => form.insertListItem(PLACE, emptyPrefetch())}
        >
          {t('addPrefetch')}
        </Button>
      )}
    </Part>
  )
}

function Request({ one, at }: { one: PrefetchForm; at: number }) {
  const { t } = useTranslation('agents')
  const form = useAgentForm()
  const place = `${PLACE}.${at}`
  return (
    <Stack gap="md" role="group" aria-label={t('prefetchNumber', { number: at + 1 })}>
      <TextInput
        label={t('url')}
        description={t('prefetchUrlHelp', { variable: '{{from_number}}' })}
        inputWrapperOrder={['label', 'input', 'description', 'error']}
        maxLength={2000}
        classNames={{ input: 'tl-mono' }}
        {...form.getInputProps(`${place}.url`)}
      />
      <PairRows kind="headers" place={`${place}.headers`} rows={one.headers} />
      <PairRows kind="take" place={`${place}.take`} rows={one.take} />
      <Limited
        place={`prefetch.${at}.timeout_ms`}
        label={t('prefetchTimeout')}
        description={t('prefetchTimeoutHelp')}
        suffix=" ms"
        step={100}
      />
    </Stack>
  )
}
