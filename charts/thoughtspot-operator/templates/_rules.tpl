{{- /* What the operator does with resources of its own, wherever it watches. */ -}}
{{- define "operator.rules" -}}
- apiGroups: [thoughtspot.dev]
  resources: [thoughtspotgroups, thoughtspotinstances, thoughtspotorgs, thoughtspotusers]
  verbs: [get, list, watch, patch]
- apiGroups: [thoughtspot.dev]
  resources: [thoughtspotgroups/status, thoughtspotinstances/status, thoughtspotorgs/status, thoughtspotusers/status]
  verbs: [patch]
- apiGroups: [events.k8s.io]
  resources: [events]
  verbs: [create]
{{- end -}}

{{- /* Taking turns with other pods. What does not exist yet has no name that RBAC could go by. */ -}}
{{- define "operator.takeTurns" -}}
- apiGroups: [coordination.k8s.io]
  resources: [leases]
  verbs: [create]
- apiGroups: [coordination.k8s.io]
  resources: [leases]
  resourceNames: [{{ include "operator.fullname" . }}]
  verbs: [get, update]
{{- end -}}

{{- /* Reading namespaces: those of these names, or all. */ -}}
{{- define "operator.readNamespaces" }}
- apiGroups: [""]
  resources: [namespaces]
  {{- with . }}
  resourceNames: {{ toJson . }}
  {{- end }}
  verbs: [list, watch]
{{- end -}}

{{- /* Reading Secrets: all, or those of these names. They are listed and watched by name only, which RBAC grants by resourceNames, too. */ -}}
{{- define "operator.readSecrets" -}}
{{- if or .all .names }}
- apiGroups: [""]
  resources: [secrets]
  {{- if not .all }}
  resourceNames: {{ toJson .names }}
  {{- end }}
  verbs: [get, list, watch]
{{- end }}
{{- end -}}

{{- /* Reading ConfigMaps of these names, in the same way. */ -}}
{{- define "operator.readConfigMaps" -}}
{{- if . }}
- apiGroups: [""]
  resources: [configmaps]
  resourceNames: {{ toJson . }}
  verbs: [get, list, watch]
{{- end }}
{{- end -}}

{{- /* Making Secrets for generated passwords, and changing them. What does not exist yet has no name that RBAC could go by. */ -}}
{{- define "operator.makeSecrets" -}}
{{- if or .all .names }}
- apiGroups: [""]
  resources: [secrets]
  verbs: [create]
- apiGroups: [""]
  resources: [secrets]
  {{- if not .all }}
  resourceNames: {{ toJson .names }}
  {{- end }}
  verbs: [patch]
{{- end }}
{{- end -}}

{{- /* The same for one entry of rbac.secrets.namespaces: entry, generate. */ -}}
{{- define "operator.secretsOf" -}}
{{- $all := not (or (hasKey .entry "credentials") (hasKey .entry "passwords")) -}}
{{- $passwords := default list .entry.passwords -}}
{{- include "operator.readSecrets" (dict "all" $all "names" (concat (default list .entry.credentials) $passwords | uniq)) -}}
{{- if .generate -}}
{{- include "operator.makeSecrets" (dict "all" $all "names" $passwords) -}}
{{- end -}}
{{- end -}}

{{- /* Holding Secrets. This is no Role of their namespace: such a Role is gone as soon as its namespace is deleted, before the Secret
could be let go. */ -}}
{{- define "operator.holdSecrets" -}}
{{- $all := .Values.rbac.secrets.clusterWide -}}
{{- $names := list -}}
{{- if .Values.simulator.enabled -}}
{{- $names = append $names (include "operator.simulator" .) -}}
{{- end -}}
{{- range .Values.rbac.secrets.namespaces -}}
{{- if not (or $all (hasKey . "credentials") (hasKey . "passwords")) -}}
{{- fail (printf "rbac.secrets.hold: list the credentials of %s by name, or set rbac.secrets.clusterWide" .name) -}}
{{- end -}}
{{- $names = concat $names (default list .credentials) | uniq -}}
{{- end -}}
{{- if or $all $names }}
- apiGroups: [""]
  resources: [secrets]
  {{- if not $all }}
  resourceNames: {{ toJson $names }}
  {{- end }}
  verbs: [get, patch]
{{- end }}
{{- end -}}

{{- /* Refuses what would give no right at all to whoever asked for one. */ -}}
{{- define "operator.secretsHaveEffect" -}}
{{- $secrets := .Values.rbac.secrets -}}
{{- if and $secrets.hold (not .Values.watchNamespaces) (not (include "operator.holdSecrets" .)) -}}
{{- fail "rbac.secrets.hold: list the credentials to hold in rbac.secrets.namespaces, or set rbac.secrets.clusterWide" -}}
{{- end -}}
{{- $listed := list -}}
{{- $makes := $secrets.clusterWide -}}
{{- range $secrets.namespaces -}}
{{- $listed = append $listed .name -}}
{{- $makes = or $makes .passwords (not (or (hasKey . "credentials") (hasKey . "passwords"))) -}}
{{- end -}}
{{- range .Values.watchNamespaces -}}
{{- $makes = or $makes (not (has . $listed)) -}}
{{- end -}}
{{- if and $secrets.generate (not $makes) -}}
{{- fail "rbac.secrets.generate: list the passwords to make in rbac.secrets.namespaces, or a namespace without names, or set rbac.secrets.clusterWide" -}}
{{- end -}}
{{- end -}}

{{- define "operator.subject" -}}
- kind: ServiceAccount
  name: {{ include "operator.serviceAccount" . }}
  namespace: {{ .Release.Namespace }}
{{- end -}}

{{- /* A Role and its binding, if there are rules: root, name, namespace, rules. */ -}}
{{- define "operator.role" -}}
{{- if .rules }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: {{ .name }}
  namespace: {{ .namespace }}
  labels: {{- include "operator.labels" .root | nindent 4 }}
rules: {{- .rules | trim | nindent 2 }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: {{ .name }}
  namespace: {{ .namespace }}
  labels: {{- include "operator.labels" .root | nindent 4 }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: Role
  name: {{ .name }}
subjects: {{- include "operator.subject" .root | nindent 2 }}
{{- end }}
{{- end -}}

{{- /* The same for the cluster: root, name, rules. */ -}}
{{- define "operator.clusterRole" -}}
{{- if .rules }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: {{ .name }}
  labels: {{- include "operator.labels" .root | nindent 4 }}
rules: {{- .rules | trim | nindent 2 }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  name: {{ .name }}
  labels: {{- include "operator.labels" .root | nindent 4 }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ClusterRole
  name: {{ .name }}
subjects: {{- include "operator.subject" .root | nindent 2 }}
{{- end }}
{{- end -}}
