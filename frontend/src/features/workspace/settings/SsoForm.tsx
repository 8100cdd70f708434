import {
  Button,
  Checkbox,
  Group,
  SegmentedControl,
  Select,
  Stack,
  TagsInput,
  Text,
  Textarea,
  TextInput,
} from '@mantine/core'
import { useForm, type UseFormReturnType } from '@mantine/form'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { showProblem } from '@/api/problem'
import { confirmDanger, done, failed, FormProblem } from '@/components/forms'
import { Copyable } from '@/components/Secret'
import { Password } from '@/components/Password'
import { draftOf, inputOf, namesProvider, type Sso, type SsoDraft } from './sso'

const GRANTED = ['admin', 'developer', 'analyst', 'billing'] as const

export function SsoForm({ sso, onRemoved }: { sso: Sso; onRemoved: () => void }) {
  const { t } = useTranslation('workspace')
  const client = useQueryClient()
  const [problem, setProblem] = useState<string | null>(null)
  const form = useForm<SsoDraft>({
    initialValues: draftOf(sso),
    validate: {
      server_url: (url, { protocol }) =>
        protocol === 'oidc' && !/^https?:\/\/\S+$/.test(url.trim()) ? t('ssoServerNeeded') : null,
      client_id: (id, { protocol }) => (protocol === 'oidc' && !id.trim() ? t('ssoClientIdNeeded') : null),
      idp_metadata_url: (_, draft) =>
        draft.protocol === 'saml' && !namesProvider(draft) ? t('ssoMetadataNeeded') : null,
      email_domains: (domains) => (domains.length === 0 ? t('ssoDomainsNeeded') : null),
    },
  })
  const refresh = () => client.invalidateQueries({ queryKey: ['get', '/api/v1/sso'] })
  const save = $api.useMutation('put', '/api/v1/sso', {
    onSuccess: async (saved) => {
      form.setInitialValues(draftOf(saved))
      form.setValues(draftOf(saved))
      done(t('ssoSaved'))
      await refresh()
    },
    onError: (error: unknown) => setProblem(showProblem(form, error)),
  })
  const remove = $api.useMutation('delete', '/api/v1/sso', {
    onSuccess: async () => {
      onRemoved()
      done(t('ssoRemoved'))
      await refresh()
    },
    onError: failed,
  })
  const askRemove = () =>
    confirmDanger({
      title: t('ssoRemoveTitle'),
      text: t('ssoRemoveText'),
      confirm: t('ssoRemove'),
      cancel: t('cancel'),
      onConfirm: () => remove.mutate({}),
    })

  return (
    <form
      noValidate
      onSubmit={form.onSubmit((draft) => {
        setProblem(null)
        save.mutate({ body: inputOf(draft) })
      })}
    >
      <Stack>
        <SegmentedControl
          aria-label={t('ssoProtocol')}
          data={[
            { value: 'oidc', label: t('ssoOidc') },
            { value: 'saml', label: t('ssoSaml') },
          ]}
          {...form.getInputProps('protocol')}
        />
        <CallbackUrls sso={sso} protocol={form.values.protocol} />
        <FormProblem text={problem} />
        {form.values.protocol === 'oidc' ? (
          <OidcFields form={form} secretSet={sso.secret_set} />
        ) : (
          <SamlFields form={form} />
        )}
        <TagsInput
          label={t('ssoDomains')}
          description={t('ssoDomainsHint')}
          acceptValueOnBlur
          {...form.getInputProps('email_domains')}
        />
        <Select
          label={t('ssoRole')}
          allowDeselect={false}
          data={GRANTED.map((role) => ({ value: role, label: t(`roles.${role}`) }))}
          {...form.getInputProps('default_role')}
        />
        <Checkbox
          label={t('ssoEnforced')}
          description={t('ssoEnforcedHint')}
          {...form.getInputProps('enforced', { type: 'checkbox' })}
        />
        <Group justify="space-between">
          <Button type="submit" loading={save.isPending}>
            {t('ssoSave')}
          </Button>
          {sso.protocol && (
            <Button variant="subtle" color="red" loading={remove.isPending} onClick={askRemove}>
              {t('ssoRemove')}
            </Button>
          )}
        </Group>
      </Stack>
    </form>
  )
}

function CallbackUrls({ sso, protocol }: { sso: Sso; protocol: SsoDraft['protocol'] }) {
  const { t } = useTranslation('workspace')
  const { oidc_redirect_uri, saml_acs_url, saml_entity_id, login_url } = sso.callback_urls
  const rows =
    protocol === 'oidc'
      ? [[t('ssoRedirect'), oidc_redirect_uri]]
      : [
          [t('ssoAcs'), saml_acs_url],
          [t('ssoEntity'), saml_entity_id],
        ]
  return (
    <Stack gap={6}>
      <Text size="sm" fw={500}>
        {t('ssoTell')}
      </Text>
      {[...rows, [t('ssoLogin'), login_url]].map(([label, url]) => (
        <div key={label}>
          <Text size="xs" c="dimmed">
            {label}
          </Text>
          <Copyable value={url!} />
        </div>
      ))}
    </Stack>
  )
}

type Form = UseFormReturnType<SsoDraft>

function OidcFields({ form, secretSet }: { form: Form; secretSet: boolean }) {
  const { t } = useTranslation('workspace')
  return (
    <>
      <TextInput
        label={t('ssoServer')}
        description={t('ssoServerHint')}
        placeholder="https://login.example.com"
        {...form.getInputProps('server_url')}
      />
      <TextInput label={t('ssoClientId')} autoComplete="off" {...form.getInputProps('client_id')} />
      <Password
        label={t('ssoSecret')}
        description={secretSet ? t('ssoSecretKept') : undefined}
        autoComplete="new-password"
        {...form.getInputProps('client_secret')}
      />
    </>
  )
}

function SamlFields({ form }: { form: Form }) {
  const { t } = useTranslation('workspace')
  return (
    <>
      <TextInput
        label={t('ssoMetadata')}
        description={t('ssoMetadataHint')}
        placeholder="https://login.example.com/saml/metadata"
        {...form.getInputProps('idp_metadata_url')}
      />
      <TextInput label={t('ssoIdpEntity')} {...form.getInputProps('idp_entity_id')} />
      <TextInput label={t('ssoIdpUrl')} {...form.getInputProps('idp_sso_url')} />
      <Textarea
        label={t('ssoCertificate')}
        autosize
        minRows={3}
        maxRows={8}
        classNames={{ input: 'tl-mono' }}
        {...form.getInputProps('idp_certificate')}
      />
    </>
  )
}
