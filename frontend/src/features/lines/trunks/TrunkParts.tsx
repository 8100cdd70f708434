/** The parts of a trunk's form. */
import {
  NumberInput,
  SegmentedControl,
  Select,
  SimpleGrid,
  Stack,
  Text,
  Textarea,
  TextInput,
  Title,
} from '@mantine/core'
import type { UseFormReturnType } from '@mantine/form'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { Password } from '@/components/Password'
import { Gateways } from './Gateways'
import type { TrunkForm } from './values'

type Form = { form: UseFormReturnType<TrunkForm> }

function Part({ title, lead, children }: { title: string; lead?: string; children: ReactNode }) {
  return (
    <Stack gap="sm" component="section" aria-label={title}>
      <div>
        <Title order={2} size="h3">
          {title}
        </Title>
        {lead && (
          <Text size="sm" c="dimmed">
            {lead}
          </Text>
        )}
      </div>
      {children}
    </Stack>
  )
}

export function Identity({ form }: Form) {
  const { t } = useTranslation('lines')
  return (
    <Stack gap="sm">
      <TextInput label={t('name')} required maxLength={200} maw={420} {...form.getInputProps('name')} />
      <div>
        <Text size="sm" fw={500} mb={4} id="trunk-direction">
          {t('direction')}
        </Text>
        <SegmentedControl
          aria-labelledby="trunk-direction"
          data={(['both', 'inbound', 'outbound'] as const).map((value) => ({
            value,
            label: t(`directions.${value}`),
          }))}
          {...form.getInputProps('direction')}
        />
      </div>
    </Stack>
  )
}

export function Outbound({ form, passwordSet }: Form & { passwordSet: boolean }) {
  const { t } = useTranslation('lines')
  if (form.values.direction === 'inbound') return null
  const digest = form.values.auth === 'digest'
  return (
    <Part title={t('outboundPart')} lead={t('outboundLead')}>
      <Gateways form={form} />
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <Select
          label={t('auth')}
          allowDeselect={false}
          data={[
            { value: 'ip', label: t('auths.ip') },
            { value: 'digest', label: t('auths.digest') },
          ]}
          {...form.getInputProps('auth')}
        />
        <Select
          label={t('numberFormat')}
          allowDeselect={false}
          data={[
            { value: 'e164_plus', label: '+12025550100' },
            { value: 'e164', label: '12025550100' },
          ]}
          {...form.getInputProps('number_format')}
        />
        {digest && (
          <>
            <TextInput
              label={t('username')}
              autoComplete="off"
              required
              {...form.getInputProps('username')}
            />
            <Password
              label={t('password')}
              description={passwordSet ? t('passwordSet') : t('passwordHelp')}
              autoComplete="new-password"
              required={!passwordSet}
              {...form.getInputProps('password')}
            />
          </>
        )}
      </SimpleGrid>
    </Part>
  )
}

export function Inbound({ form }: Form) {
  const { t } = useTranslation('lines')
  if (form.values.direction === 'outbound') return null
  return (
    <Part title={t('inboundPart')} lead={t('inboundLead')}>
      <Textarea
        label={t('allowed')}
        description={t('allowedHelp')}
        autosize
        minRows={2}
        required
        maw={420}
        spellCheck={false}
        classNames={{ input: 'tl-mono' }}
        {...form.getInputProps('allowed_addresses')}
      />
    </Part>
  )
}

export function Limits({ form }: Form) {
  const { t } = useTranslation('lines')
  return (
    <Part title={t('limits')} lead={t('limitsLead')}>
      <SimpleGrid cols={{ base: 1, sm: 2 }} maw={560}>
        <NumberInput label={t('maxCalls')} {...form.getInputProps('max_concurrent_calls')} />
        <NumberInput label={t('maxRate')} {...form.getInputProps('max_calls_per_second')} />
      </SimpleGrid>
    </Part>
  )
}
