/** Who is who: where calls go, where they come from, and how each side proves itself. */
import {
  NumberInput,
  SegmentedControl,
  Select,
  SimpleGrid,
  Stack,
  Text,
  Textarea,
  TextInput,
} from '@mantine/core'
import type { UseFormReturnType } from '@mantine/form'
import { useTranslation } from 'react-i18next'
import { Password } from '@/components/Password'
import { Section } from '@/components/Section'
import { hasAccountHere, needsAccount, type Stored, takes, type TrunkForm, usesGateways } from '../values'
import { GatewayFields, TRANSPORTS } from './GatewayFields'

export interface PartProps {
  form: UseFormReturnType<TrunkForm>
}

export function NameAndDirection({ form }: PartProps) {
  const { t } = useTranslation('lines')
  return (
    <Section title={t('basicsPart')}>
      <Stack gap="sm">
        <TextInput label={t('name')} required maxLength={200} maw={420} {...form.getInputProps('name')} />
        <DirectionField form={form} />
      </Stack>
    </Section>
  )
}

export function DirectionField({ form }: PartProps) {
  const { t } = useTranslation('lines')
  return (
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
  )
}

export function AllowedField({ form, needed }: PartProps & { needed: boolean }) {
  const { t } = useTranslation('lines')
  return (
    <Textarea
      label={t('allowed')}
      description={t(needed ? 'allowedHelp' : 'allowedOptional')}
      placeholder="203.0.113.0/28"
      autosize
      minRows={2}
      required={needed}
      maw={420}
      spellCheck={false}
      classNames={{ input: 'tl-mono' }}
      {...form.getInputProps('allowed_addresses')}
    />
  )
}

export function Places({ form }: PartProps) {
  const { t } = useTranslation('lines')
  const { registration, inbound_auth } = form.values
  return (
    <Section title={t('placesPart')} text={t('placesLead')}>
      <Stack gap="lg">
        {usesGateways(form.values) && <GatewayFields form={form} />}
        {takes(form.values) && (
          <AllowedField form={form} needed={inbound_auth === 'ip' && registration === 'none'} />
        )}
      </Stack>
    </Section>
  )
}

export function Access({ form, stored }: PartProps & { stored: Stored }) {
  const { t } = useTranslation('lines')
  const { values } = form
  return (
    <Section title={t('accessPart')} text={t('accessLead')}>
      <Stack gap="sm">
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <Select
            label={t('registration')}
            allowDeselect={false}
            data={(['none', 'outbound', 'inbound'] as const).map((value) => ({
              value,
              label: t(`registrationKinds.${value}`),
            }))}
            {...form.getInputProps('registration')}
          />
          {(usesGateways(values) || needsAccount(values)) && <AuthField form={form} />}
          {values.registration === 'outbound' && <RegistrarFields form={form} />}
          {needsAccount(values) && <AccountFields form={form} set={stored.password_set} />}
        </SimpleGrid>
        {(takes(values) || hasAccountHere(values)) && (
          <SimpleGrid cols={{ base: 1, sm: 2 }}>
            <InboundAuthField form={form} />
            <div />
            {hasAccountHere(values) && <AccountHereFields form={form} set={stored.inbound_password_set} />}
          </SimpleGrid>
        )}
      </Stack>
    </Section>
  )
}

function AuthField({ form }: PartProps) {
  const { t } = useTranslation('lines')
  return (
    <Select
      label={t('auth')}
      allowDeselect={false}
      data={(['ip', 'digest'] as const).map((value) => ({ value, label: t(`auths.${value}`) }))}
      {...form.getInputProps('auth')}
    />
  )
}

function InboundAuthField({ form }: PartProps) {
  const { t } = useTranslation('lines')
  return (
    <Select
      label={t('inboundAuth')}
      allowDeselect={false}
      data={(['ip', 'digest', 'either'] as const).map((value) => ({
        value,
        label: t(`inboundAuths.${value}`),
      }))}
      {...form.getInputProps('inbound_auth')}
    />
  )
}

function RegistrarFields({ form }: PartProps) {
  const { t } = useTranslation('lines')
  return (
    <>
      <TextInput
        label={t('registrar')}
        description={t('registrarHelp')}
        spellCheck={false}
        {...form.getInputProps('registrar.host')}
      />
      <SimpleGrid cols={2}>
        <NumberInput
          label={t('port')}
          description={t('registrarPort')}
          hideControls
          placeholder={t('portAuto')}
          {...form.getInputProps('registrar.port')}
        />
        <Select
          label={t('transport')}
          description={t('registrarTransport')}
          allowDeselect={false}
          data={TRANSPORTS}
          {...form.getInputProps('registrar.transport')}
        />
      </SimpleGrid>
      <NumberInput
        label={t('expiresFor')}
        description={t('expiresHelp')}
        {...form.getInputProps('registration_expires_s')}
      />
      <div />
    </>
  )
}

/** The account that the carrier gave us. */
export function AccountFields({ form, set }: PartProps & { set: boolean }) {
  const { t } = useTranslation('lines')
  return (
    <>
      <TextInput
        label={t('username')}
        description={t('usernameHelp')}
        autoComplete="off"
        required
        spellCheck={false}
        {...form.getInputProps('username')}
      />
      <Password
        label={t('password')}
        description={set ? t('passwordSet') : t('passwordHelp')}
        autoComplete="new-password"
        required={!set}
        {...form.getInputProps('password')}
      />
    </>
  )
}

/** The account that we give to a PBX, a phone or a carrier. */
export function AccountHereFields({ form, set }: PartProps & { set: boolean }) {
  const { t } = useTranslation('lines')
  return (
    <>
      <TextInput
        label={t('usernameHere')}
        description={t('usernameHereHelp')}
        autoComplete="off"
        required
        spellCheck={false}
        {...form.getInputProps('inbound_username')}
      />
      <Password
        label={t('passwordHere')}
        description={set ? t('passwordSet') : t('passwordHereHelp')}
        autoComplete="new-password"
        required={!set}
        {...form.getInputProps('inbound_password')}
      />
    </>
  )
}
