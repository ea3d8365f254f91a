"""Which methods of the published clients are not called here, and why. Everything else is (test_scope.py)."""

from thoughtspot_rest_api import TSRestApiV1, TSRestApiV2

# By client class and reason.
_LEFT_OUT = {
    TSRestApiV1: {
        "about settings, custom actions, connections and dependencies, which the simulator does not have": """
            admin_configinfo admin_configinfo_overrides admin_configinfo_update
            admin_embed_action admin_embed_action_delete admin_embed_action_post admin_embed_action_put admin_embed_actions
            admin_embed_action_associations_delete admin_embed_action_associations_get admin_embed_action_associations_post
            connection_create connection_detail connection_fetch_connection connection_fetch_live_columns connection_list
            connection_types connection_update
            dependency_listdependents dependency_listincomplete dependency_logicalcolumn dependency_logicalrelationship
            dependency_logicaltable dependency_physicalcolumn dependency_physicaltable dependency_pinboard
            materialization_refreshview partner_snowflake_user""",
        "about favourites and details, whose answers nobody describes": """
            metadata_details metadata_markasfavoritefor metadata_unmarkasfavoritefor""",
        "at an address outside of the public API": "metadata_delete",
        "takes apart or puts together what those calls exchange": """
            add_new_tables_to_connection get_connection_config_from_metadata_details get_connection_name_from_metadata_details
            get_connection_type_from_metadata_details get_databases_and_schemas_from_connection get_databases_from_connection
            get_selected_tables_from_connection get_sheets_from_metadata_details""",
        "sends nothing": "get_default_tcp_keep_alive_adaptor set_tcp_keep_alive_adaptor",
    },
    TSRestApiV2: {
        "about agents, calendars, webhooks, variables, schedules, versions, customisation and dbt, which the simulator does not have": """
            ai_agent_conversation_create ai_agent_converse ai_agent_converse_sse ai_analytical_questions ai_answer_create
            ai_conversation_converse ai_conversation_create ai_data_source_suggestions_get ai_relevant_questions
            calendars_create calendars_delete calendars_generate_csv calendars_search calendars_update
            customization_custom_actions_create customization_custom_actions_delete customization_custom_actions_search
            customization_custom_actions_update customization_email_create customization_email_delete customization_email_search
            customization_email_update customization_email_validate
            dbt_dbt_connection dbt_dbt_connection_update dbt_generate_sync_tml dbt_generate_tml dbt_search
            metadata_parameterize metadata_unparameterize metadata_worksheets_convert
            schedules_create schedules_delete schedules_search schedules_update
            system_preferences_communication_channels_configure system_preferences_communication_channels_search
            template_variables_create template_variables_delete template_variables_search template_variables_update
            template_variables_update_values
            vcs_git_branches_commit vcs_git_branches_pull vcs_git_branches_validate vcs_git_commits_deploy vcs_git_commits_revert
            vcs_git_commits_search vcs_git_config_create vcs_git_config_delete vcs_git_config_search vcs_git_config_update
            webhooks_create webhooks_delete webhooks_search webhooks_update""",
        "about making and changing connections": """
            connection_configurations_create connection_configurations_delete connection_configurations_search
            connection_configurations_update connection_create connection_delete connection_update connection_update_v2
            connection_download_connection_metadata_changes connection_fetch_connection_diff_status""",
        "about data and reports, which are simulated in v1 only": """
            metadata_answer_data metadata_answer_sql metadata_liveboard_data metadata_liveboard_sql report_answer report_liveboard
            searchdata post_request_binary""",
        "sends nothing": "get_default_tcp_keep_alive_adaptor set_tcp_keep_alive_adaptor",
    },
}

# These are called, and always refused.
REFUSED = {
    TSRestApiV1: {"user_updatepassword": "sends the new password under a key that nobody knows"},
    TSRestApiV2: {"metadata_copyobject": "sends the identifier as a key"},
}

LEFT_OUT = {client: {name for names in reasons.values() for name in names.split()} for client, reasons in _LEFT_OUT.items()}
# Those of them that would send something.
LEFT_UNSERVED = {
    client: {name for reason, names in reasons.items() if reason.startswith("about") for name in names.split()} - {"post_request_binary"}
    for client, reasons in _LEFT_OUT.items()
}
