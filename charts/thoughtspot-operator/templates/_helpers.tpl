{{- define "operator.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 52 | trimSuffix "-" -}}
{{- end -}}

{{- /* Room is left for the longest of our suffixes: names of objects end at 63. */ -}}
{{- define "operator.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 44 | trimSuffix "-" -}}
{{- else if contains (include "operator.name" .) .Release.Name -}}
{{- .Release.Name | trunc 44 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "operator.name" .) | trunc 44 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "operator.selector" -}}
app.kubernetes.io/name: {{ include "operator.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "operator.labels" -}}
{{- $ours := include "operator.selector" . | fromYaml -}}
{{- $_ := set $ours "helm.sh/chart" (printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_") -}}
{{- $_ := set $ours "app.kubernetes.io/version" .Chart.AppVersion -}}
{{- $_ := set $ours "app.kubernetes.io/managed-by" .Release.Service -}}
{{- merge $ours .Values.labels | toYaml -}}
{{- end -}}

{{- define "operator.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "operator.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- required "serviceAccount.name: name the ServiceAccount to use, or set serviceAccount.create" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "operator.image" -}}
{{- if .Values.image.digest -}}
{{- printf "%s@%s" .Values.image.repository .Values.image.digest -}}
{{- else -}}
{{- printf "%s:%s" .Values.image.repository (default .Chart.AppVersion .Values.image.tag) -}}
{{- end -}}
{{- end -}}

{{- define "operator.simulator" -}}
{{- printf "%s-simulator" (include "operator.fullname" .) -}}
{{- end -}}

{{- /* Where the simulator is, as an Instance and its Secret name it. */ -}}
{{- define "operator.simulatorHost" -}}
{{- printf "%s.%s.svc:8180" (include "operator.simulator" .) .Release.Namespace -}}
{{- end -}}

{{- /* What the operator may reach, the simulator included. */ -}}
{{- define "operator.allowedHosts" -}}
{{- $hosts := .Values.allowedHosts -}}
{{- if .Values.simulator.enabled -}}
{{- $hosts = append $hosts (printf "http://%s" (include "operator.simulatorHost" .)) -}}
{{- end -}}
{{- join "," $hosts -}}
{{- end -}}

{{- /* The port of the collector of traces, if there is one. */ -}}
{{- define "operator.collectorPort" -}}
{{- with .Values.tracing.otlp.endpoint -}}
{{- $url := urlParse . -}}
{{- regexFind "[0-9]+$" (regexFind ":[0-9]+$" $url.host) | default (ternary "443" "80" (eq $url.scheme "https")) -}}
{{- end -}}
{{- end -}}

{{- /* What of it may be at private addresses; the simulator is at one of the cluster. */ -}}
{{- define "operator.privateHosts" -}}
{{- $hosts := .Values.privateHosts -}}
{{- range $hosts -}}
{{- if regexMatch "(^|[.])[0-9][^.]*[.]?$" . -}}
{{- fail (printf "privateHosts: %s is no name: take it out, an address may be reached as soon as allowedHosts lists it" .) -}}
{{- end -}}
{{- end -}}
{{- if .Values.simulator.enabled -}}
{{- $hosts = append $hosts (include "operator.simulatorHost" . | splitList ":" | first) -}}
{{- end -}}
{{- join "," $hosts -}}
{{- end -}}

{{- /* What of a pod is the same for operator and simulator. */ -}}
{{- define "operator.placement" -}}
{{- with .Values.imagePullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.affinity }}
affinity: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
securityContext: {{- toYaml .Values.podSecurityContext | nindent 2 }}
enableServiceLinks: false
{{- end -}}

{{- /* What may go out of the operator's pod. */ -}}
{{- define "operator.egress" -}}
{{- with .Values.networkPolicy.dnsPorts }}
- ports:
    {{- range . }}
    - protocol: UDP
      port: {{ . }}
    - protocol: TCP
      port: {{ . }}
    {{- end }}
{{- end }}
{{- with .Values.networkPolicy.egressPorts }}
- ports:
    {{- range . }}
    - protocol: TCP
      port: {{ . }}
    {{- end }}
{{- end }}
{{- with include "operator.collectorPort" . }}
- ports:
    - protocol: TCP
      port: {{ . }}
{{- end }}
{{- if .Values.simulator.enabled }}
- to:
    - podSelector:
        matchLabels:
          {{- include "operator.selector" . | nindent 10 }}
          app.kubernetes.io/component: simulator
  ports:
    - protocol: TCP
      port: 8180
{{- end }}
{{- with .Values.networkPolicy.extraEgress }}
{{ toYaml . }}
{{- end }}
{{- end -}}
