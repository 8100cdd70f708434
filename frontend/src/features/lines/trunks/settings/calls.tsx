/** How calls are made: numbers, media, limits, failover, headers. */
import { Checkbox, NumberInput, Select, SimpleGrid, Stack, TextInput } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Section } from '@/components/Section'
import { useTrunks } from '../../data'
import { CODEC_ORDERS, sends, takes } from '../values'
import type { PartProps } from './access'
import { HeaderFields } from './HeaderFields'

/** `brief`: asks for the country only where it is needed. */
export function NumberFormatFields({ form, brief = false }: PartProps & { brief?: boolean }) {
  const { t } = useTranslation('lines')
  const national = form.values.number_format === 'national'
  return (
    <>
      <Select
        label={t('numberFormat')}
        description={t('numberFormatHelp')}
        allowDeselect={false}
        data={(['e164_plus', 'e164', 'national'] as const).map((value) => ({
          value,
          label: t(`numberFormats.${value}`),
        }))}
        {...form.getInputProps('number_format')}
      />
      {(national || !brief) && (
        <TextInput
          label={t('country')}
          description={t('countryHelp')}
          required={national}
          maxLength={2}
          placeholder="GB"
          {...form.getInputProps('country')}
        />
      )}
    </>
  )
}

export function Numbers({ form }: PartProps) {
  const { t } = useTranslation('lines')
  return (
    <Section title={t('numbersPart')} text={t('numbersPartLead')}>
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <NumberFormatFields form={form} />
        <TextInput
          label={t('techPrefix')}
          description={t('techPrefixHelp')}
          maxLength={10}
          {...form.getInputProps('tech_prefix')}
        />
        <Select
          label={t('callerIdHeader')}
          description={t('callerIdHeaderHelp')}
          allowDeselect={false}
          data={(['p_asserted_identity', 'remote_party_id', 'none'] as const).map((value) => ({
            value,
            label: t(`callerIdHeaders.${value}`),
          }))}
          {...form.getInputProps('caller_id_header')}
        />
        {takes(form.values) && (
          <>
            <NumberInput
              label={t('inboundStrip')}
              description={t('inboundStripHelp')}
              {...form.getInputProps('inbound_strip')}
            />
            <TextInput
              label={t('inboundPrefix')}
              description={t('inboundPrefixHelp')}
              maxLength={16}
              {...form.getInputProps('inbound_prefix')}
            />
          </>
        )}
        <Checkbox
          label={t('callerIdPrivate')}
          description={t('callerIdPrivateHelp')}
          {...form.getInputProps('caller_id_private', { type: 'checkbox' })}
        />
      </SimpleGrid>
    </Section>
  )
}

export function SrtpField({ form }: PartProps) {
  const { t } = useTranslation('lines')
  return (
    <Select
      label={t('srtp')}
      description={t('srtpHelp')}
      allowDeselect={false}
      data={(['off', 'optional', 'required'] as const).map((value) => ({
        value,
        label: t(`srtps.${value}`),
      }))}
      {...form.getInputProps('srtp')}
    />
  )
}

export function Media({ form }: PartProps) {
  const { t } = useTranslation('lines')
  return (
    <Section title={t('mediaPart')} text={t('mediaLead')}>
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <SrtpField form={form} />
        <Select
          label={t('codecs')}
          description={t('codecsHelp')}
          allowDeselect={false}
          data={CODEC_ORDERS.map((value) => ({
            value,
            label: value.toUpperCase().replace(' ', ', '),
          }))}
          {...form.getInputProps('codecs')}
        />
        <Select
          label={t('dtmf')}
          description={t('dtmfHelp')}
          allowDeselect={false}
          data={(['rfc4733', 'info'] as const).map((value) => ({ value, label: t(`dtmfs.${value}`) }))}
          {...form.getInputProps('dtmf')}
        />
        <Select
          label={t('earlyMedia')}
          description={t('earlyMediaHelp')}
          allowDeselect={false}
          data={(['ignore', 'listen'] as const).map((value) => ({ value, label: t(`earlyMedias.${value}`) }))}
          {...form.getInputProps('early_media')}
        />
      </SimpleGrid>
    </Section>
  )
}

export function LimitFields({ form }: PartProps) {
  const { t } = useTranslation('lines')
  return (
    <>
      <NumberInput
        label={t('maxCalls')}
        description={t('maxCallsHelp')}
        {...form.getInputProps('max_concurrent_calls')}
      />
      <NumberInput
        label={t('maxRate')}
        description={t('maxRateHelp')}
        {...form.getInputProps('max_calls_per_second')}
      />
    </>
  )
}

export function Limits({ form }: PartProps) {
  const { t } = useTranslation('lines')
  return (
    <Section title={t('limits')} text={t('limitsLead')}>
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <LimitFields form={form} />
        {form.values.direction === 'both' && (
          <NumberInput
            label={t('inboundReserved')}
            description={t('inboundReservedHelp')}
            {...form.getInputProps('inbound_reserved')}
          />
        )}
      </SimpleGrid>
    </Section>
  )
}

export function Failover({ form, own }: PartProps & { own?: string }) {
  const { t } = useTranslation('lines')
  const trunks = useTrunks()
  const others =
    trunks.data?.results.filter(({ id, direction }) => id !== own && direction !== 'inbound') ?? []
  if (!sends(form.values)) return null
  return (
    <Section title={t('failoverPart')} text={t('failoverLead')}>
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <NumberInput
          label={t('inviteTimeout')}
          description={t('inviteTimeoutHelp')}
          decimalScale={1}
          {...form.getInputProps('invite_timeout_s')}
        />
        <Select
          label={t('backupTrunk')}
          description={t('backupTrunkHelp')}
          placeholder={t('none')}
          clearable
          searchable
          nothingFoundMessage={t('noOtherTrunk')}
          data={others.map(({ id, name }) => ({ value: id, label: name }))}
          {...form.getInputProps('backup_trunk')}
        />
      </SimpleGrid>
    </Section>
  )
}

export function Headers({ form }: PartProps) {
  const { t } = useTranslation('lines')
  return (
    <Section title={t('headersPart')} text={t('headersLead')}>
      <Stack gap="lg">
        {sends(form.values) && <HeaderFields form={form} list="headers_out" />}
        {takes(form.values) && <HeaderFields form={form} list="headers_in" />}
      </Stack>
    </Section>
  )
}
