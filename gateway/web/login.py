"""The pages by which people come in and go: with a password, with a code, with their organization's account, with an invitation."""

import re
from typing import Any

from flask import g, make_response, redirect, render_template, request

from contracts.problems import KINDS
from gateway.accounts import contract as accounts
from gateway.accounts import cookies
from gateway.accounts.callers import Callers, Session, Through
from gateway.accounts.federation import ACCEPT, CALLBACK, LOG_IN, TIE, Arrived, Begun, too_long_ago
from gateway.accounts.rules import Account
from gateway.accounts.service import AccountsRoom
from gateway.accounts.store import Kept, StoreError, digest
from gateway.api.problems import headers_of
from gateway.web import refusals
from gateway.web.acts import Act
from gateway.web.room import Room, acting, reads
from gateway.web.words import said
from services.kernel.refusal import Refusal


class LoginPages(Room):
    """One method per page; ``TABLE`` says where each is found."""

    acts = {act.name: act for act in (Act(accounts.Untie, in_path=(), hidden=("name",)),)}
    TABLE: tuple[tuple[str, str, str], ...] = (
        ("/login", "login", "GET POST"),
        ("/login/oidc/<entity>", "go_to_provider", "GET"),
        (f"{CALLBACK}/<entity>", "come_back", "GET"),
        ("/logout", "log_out", "POST"),
        ("/invitation", "invitation", "GET POST"),
        ("/account/organization", "organization", "GET POST"),
        ("/account/organization/tie", "tie", "POST"),
    )
    accounts: AccountsRoom
    callers: Callers
    secure: bool

    def login(self) -> Any:
        """Name and password; where a second factor guards the account, a code on a second page, which shows that the first was right."""
        onward = inside(request.values.get("next"))
        if request.method == "GET":
            return redirect(onward, 303) if g.reader.caller else self._login_page(onward)
        name, ticket, address = request.form.get("name", "")[:64], request.form.get("ticket", "")[:1000], request.remote_addr or ""
        if not self.forms.is_ours():
            return self._login_page(onward, name=name, error=said(g.reader.language, "form_stale")), 403
        kept, through = None, None
        try:
            if ticket:
                kept, through = self.callers.further(ticket, address)
            else:
                kept = self.callers.known(name, request.form.get("password", "")[:200], address)
                if kept.account.factor is not None:
                    return self._code_page(kept.account, through, onward)
            session = self.callers.come_in(kept, request.form.get("code", "")[:40], address, request.user_agent.string, through)
        except Refusal as refusal:
            if kept is not None and refusal.rule == "second-factor":
                return _refused(self._code_page(kept.account, through, onward, error=refusals.told(refusal)), refusal)
            return _refused(self._login_page(onward, name=name, error=refusals.told(refusal)), refusal)
        return self._in(session, onward)

    def log_out(self) -> Any:
        if g.reader.caller is not None:
            self.must_be_ours()
            self.callers.log_out(g.reader.caller)
        return cookies.take(make_response(redirect("/login", 303)), secure=self.secure)

    def invitation(self) -> Any:
        """The bearer of an invitation chooses a password, or comes in by their organization's account. The invitation is typed or pasted:
        it stands in no address."""
        if request.method == "GET":
            return render_template("invitation.html")
        self.must_be_ours()
        given, password = request.form.get("invitation", "").strip()[:200], request.form.get("password", "")
        try:
            if request.form.get("way") == "organization":
                entity = self.accounts.invited(given).account.entity or ""
                return self._onward(entity, self.accounts.federation.begin(entity, ACCEPT, whose=digest(given)))
            if not 10 <= len(password) <= 200:
                return render_template("invitation.html", error=said(g.reader.language, "password_rule")), 422
            opened = self.accounts.accept_invitation(g.reader.order(invitation=given, password=password))
        except Refusal as refusal:
            return _refused(render_template("invitation.html", error=refusals.told(refusal)), refusal)
        name = opened["name"]
        return self._login_page("/", name=name, done=said(g.reader.language, "invitation_done", name=name))

    # By the organization's account

    def go_to_provider(self, entity: str) -> Any:
        """To the provider of an entity, and back."""
        onward = inside(request.args.get("next"))
        if g.reader.caller is not None:
            return redirect(onward, 303)
        try:
            begun = self.accounts.federation.begin(entity, LOG_IN, onward=onward)
        except Refusal as refusal:
            return _refused(self._login_page(onward, error=refusals.told(refusal)), refusal)
        return cookies.give_ticket(make_response(redirect(begun.address, 303)), begun.ticket, secure=self.secure)

    def come_back(self, entity: str) -> Any:
        """From the provider: logged in, tied, or with an invitation accepted. Whatever is kept of the way is good for this once."""
        ticket, address = cookies.read_ticket(secure=self.secure), request.remote_addr or ""
        try:
            if ticket is None:
                raise too_long_ago()
            answer = self._arrived(self.accounts.federation.arrive(ticket, entity, request.args, address), address)
        except Refusal as refusal:
            error = refusals.told(refusal)
            page = self._login_page("/", error=error) if g.reader.caller is None else self._organization_page(error)
            answer = _refused(page, refusal)
        return cookies.take_ticket(make_response(answer), secure=self.secure)

    def _arrived(self, arrived: Arrived, address: str) -> Any:
        way = arrived.way
        if way.what_for == TIE:
            caller = g.reader.caller
            if caller is None or caller.session != way.whose:
                raise too_long_ago()
            self.accounts.tie(arrived, caller.account)
            return redirect("/account/organization?done=tie", 303)
        kept = self.accounts.accept_through(arrived) if way.what_for == ACCEPT else self.accounts.through(arrived)
        return self._through(arrived, kept, address)

    def _through(self, arrived: Arrived, kept: Kept, address: str) -> Any:
        try:
            session = self.accounts.come_in_through(arrived, kept, address, request.user_agent.string)
        except Refusal as refusal:
            if refusal.rule != "second-factor":
                raise
            return self._code_page(kept.account, Through(arrived.provider.id, arrived.strong), arrived.way.onward)
        return self._in(session, arrived.way.onward)

    @reads
    @acting("untie")
    def organization(self) -> Any:
        """What one's organization's account is tied to, and how it is tied and untied."""
        return self._organization_page()

    @reads
    def tie(self) -> Any:
        """Off to one's own provider, having said the password again: whoever finds a browser open is not to tie an account of theirs."""
        self.must_be_ours()
        try:
            entity = self.accounts.may_tie(g.reader.order(), request.form.get("password", "")[:200])
            begun = self.accounts.federation.begin(entity, TIE, whose=g.reader.caller.session)
        except Refusal as refusal:
            return _refused(self._organization_page(refusals.told(refusal)), refusal)
        return self._onward(entity, begun)

    # What is shown

    def _organization_page(self, error: str = "") -> str:
        it = self.ask("gateway", "me")
        return render_template("account/organization.html", it=it, offered=it["entity"] in self._offered(), error=error)

    def _login_page(self, onward: str, **more: str) -> str:
        return render_template("login.html", next=onward, offered=self._offered(), **more)

    def _code_page(self, account: Account, through: Through | None, onward: str, **more: str) -> str:
        ticket = self.callers.half_way(account, through)
        return render_template("login_code.html", next=onward, name=account.name, ticket=ticket, **more)

    def _onward(self, entity: str, begun: Begun) -> Any:
        """A page that says where the person goes on to: a form of ours is sent nowhere else, and no answer to it leads there by itself."""
        page = make_response(render_template("account/onward.html", entity=entity, address=begun.address))
        return cookies.give_ticket(page, begun.ticket, secure=self.secure)

    def _offered(self) -> list[str]:
        """The entities that have a provider; with the store away none, since the page says so of what needs it."""
        try:
            return self.accounts.federation.providers.running()
        except StoreError:
            return []

    def _in(self, session: Session, onward: str) -> Any:
        return cookies.give(make_response(redirect(onward, 303)), session.secret, secure=self.secure)


def _refused(page: Any, refusal: Refusal) -> Any:
    return make_response(page, KINDS[refusal.kind][0], headers_of(refusal))


def inside(path: str | None) -> str:
    """A path of this site to go on to, never another site's."""
    if path and re.fullmatch(r"/(?![/\\])[\x21-\x5b\x5d-\x7e]{0,500}", path) and not path.startswith(("/login", "/logout")):
        return path
    return "/"
