package io.longhaul.controlplane.problems;

import io.longhaul.api.ProblemsApi;
import io.longhaul.api.model.ProblemCatalogue;
import io.longhaul.api.model.ProblemDescription;
import java.util.Arrays;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.RestController;

/** Serves the catalogue. Immutable. */
@RestController
class ProblemsController implements ProblemsApi {

    @Override
    public ResponseEntity<ProblemCatalogue> listProblems() {
        return ResponseEntity.ok(new ProblemCatalogue(Arrays.stream(ProblemCode.values())
                .map(ProblemCode::description)
                .toList()));
    }

    @Override
    public ResponseEntity<ProblemDescription> getProblem(String code) {
        return ProblemCode.named(code)
                .map(known -> ResponseEntity.ok(known.description()))
                .orElseThrow(() -> ProblemCode.NO_SUCH_PROBLEM.exception("The catalogue has no code " + code + "."));
    }
}
