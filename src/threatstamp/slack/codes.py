"""Slack's error codes, sorted by what follows from them.

The table has every code that Slack documents for the methods that are called here, read in November 2026
from the section "Errors" of https://docs.slack.dev/reference/methods/METHOD, and from Slack's
machine-readable lists (https://github.com/slackapi/slack-api-specs), which also have codes that are not
documented any more. A code that is in no list counts as final: an operator hears of it at once, and can
`retry`.
"""

from __future__ import annotations

from enum import StrEnum


class Sort(StrEnum):
    """What a code says about the same call, made again later."""

    PASSES = "passes"
    """It may succeed, without anybody doing something here. Slack has done nothing."""
    UNCLEAR = "unclear"
    """It may succeed, but this call may have done some of its work: search before repeating it."""
    FINAL = "final"
    """It will not succeed until somebody changes the app, the settings or the workspace."""


_SORTED: dict[Sort, str] = {
    Sort.PASSES: """
        ratelimited rate_limited message_limit_exceeded fetch_members_failed
        accesslimited ekm_access_denied
        external_channel_migrating org_login_required team_added_to_org
    """,
    # limits end; a network's block and a suspended key are lifted; migrations are over after hours
    Sort.UNCLEAR: "fatal_error internal_error request_timeout service_unavailable update_failed",
    Sort.FINAL: """
        access_denied account_inactive already_pinned already_reacted as_user_not_supported bad_timestamp
        block_mismatch bot_not_found cannot_reply_to_message cant_broadcast_message cant_delete_message
        cant_update_message canvas_creation_failed canvas_deleted canvas_disabled_user_team
        canvas_editing_failed canvas_not_found canvas_tab_creation_failed channel_canvas_already_exists
        channel_canvas_creation_failed channel_not_found channel_type_not_supported
        compliance_exports_prevent_deletion deprecated_endpoint duplicate_channel_not_found
        duplicate_message_not_found edit_window_closed enterprise_is_restricted external_channel_not_allowed
        file_comment_not_found file_not_found forbidden_team free_team_canvas_tab_already_exists
        free_teams_cannot_edit_standalone_canvases insecure_request invalid_arg_name invalid_arguments
        invalid_array_arg invalid_attachments invalid_auth invalid_blocks invalid_blocks_format
        invalid_charset invalid_cursor invalid_form_data invalid_json invalid_limit
        invalid_metadata_filter_keys invalid_metadata_format invalid_metadata_schema invalid_name
        invalid_post_type invalid_team_for_non_distributed_app invalid_ts_latest invalid_ts_oldest
        invalid_types is_archived is_bot is_inactive json_not_object limit_required markdown_text_conflict
        message_not_found messages_tab_disabled metadata_must_be_sent_from_app metadata_too_large
        method_deprecated method_not_supported_for_channel_type missing_args missing_argument
        missing_charset missing_file_data missing_post_type missing_scope msg_blocks_too_long msg_too_long
        no_dual_broadcast_content_update no_item_specified no_permission no_such_subteam no_text
        not_allowed_token_type not_authed not_in_channel not_pinnable not_reactable pagination_not_available
        permission_denied plan_upgrade_required restricted_action restricted_action_non_threadable_channel
        restricted_action_read_only_channel restricted_action_thread_locked
        restricted_action_thread_only_channel slack_connect_blocked_file_type
        slack_connect_canvas_sharing_blocked slack_connect_clip_sharing_blocked
        slack_connect_file_link_sharing_blocked slack_connect_file_upload_sharing_blocked
        slack_connect_lists_sharing_blocked subteam_not_found superfluous_charset team_access_not_granted
        team_not_found team_tier_cannot_create_channel_canvases thread_locked thread_not_found token_expired
        token_revoked too_many_attachments too_many_contact_cards too_many_emoji too_many_pins
        too_many_reactions two_factor_setup_required unsupported_include_values upgrade_require
        upgrade_required user_is_bot user_is_restricted user_not_found user_not_in_channel user_not_visible
        users_not_found
    """,
}

SORTED: dict[str, Sort] = {code: sort for sort, codes in _SORTED.items() for code in codes.split()}


def sort_of(code: str) -> Sort:
    """Returns what follows from a code; an unknown one is final."""
    return SORTED.get(code, Sort.FINAL)
