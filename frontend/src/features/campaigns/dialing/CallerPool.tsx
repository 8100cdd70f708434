/** The numbers that callees see. */
import { Alert, Anchor, Badge, Checkbox, Group, Stack, Text } from '@mantine/core'
import { IconInfoCircle } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { useNumbers } from '@/api/choices'
import { useTenant } from '@/api/session'
import { phone } from '@/components/format'
import { NumberHealth } from '@/components/numberHealth'
import { Loaded } from '@/components/states'
import { useSetupForm } from '../setup/form'

export function CallerPool() {
  const { t } = useTranslation('campaigns')
  const { path } = useTenant()
  const form = useSetupForm()
  const query = useNumbers()
  const { inbound_too } = form.values.config.callers
  return (
    <Loaded query={query} rows={3}>
      {({ results }) =>
        results.length > 0 ? (
          <Checkbox.Group
            label={t('callers.pool')}
            description={t('callers.poolHelp')}
            {...form.getInputProps('config.callers.numbers')}
          >
            <Stack gap={6} mt="xs" mah={320} style={{ overflow: 'auto' }}>
              {results.map(({ id, e164, label, agent, purpose }) => (
                <Group key={id} gap="xs" align="baseline">
                  <Checkbox
                    value={id}
                    label={[phone(e164), label].filter(Boolean).join(' · ')}
                    // One that is chosen already may still be taken out.
                    disabled={
                      purpose === 'inbound' &&
                      !inbound_too &&
                      !form.values.config.callers.numbers.includes(id)
                    }
                  />
                  {purpose === 'inbound' && <Badge color="gray">{t('callers.inboundOnly')}</Badge>}
                  {agent && purpose !== 'inbound' && <Badge color="gray">{t('callers.answers')}</Badge>}
                  <NumberHealth id={id} />
                </Group>
              ))}
            </Stack>
          </Checkbox.Group>
        ) : (
          <Alert color="gray" icon={<IconInfoCircle size={18} />}>
            <Text size="sm" component="span">
              {t('callers.none')}{' '}
            </Text>
            <Anchor component={Link} to={path('numbers')} size="sm">
              {t('callers.toNumbers')}
            </Anchor>
          </Alert>
        )
      }
    </Loaded>
  )
}
