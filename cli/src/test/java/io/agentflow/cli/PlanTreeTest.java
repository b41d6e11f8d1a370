package io.agentflow.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.List;
import org.junit.jupiter.api.Test;

class PlanTreeTest {

  private static List<List<String>> rows(String steps) throws JsonProcessingException {
    JsonNode items = new JsonMapper().readTree(steps.replace('\'', '"'));
    return PlanTree.rows(items);
  }

  private static List<String> column(List<List<String>> rows, String header) {
    int column = PlanTree.HEADERS.indexOf(header);
    return rows.stream().map(row -> row.get(column)).toList();
  }

  @Test
  void each_step_is_drawn_once_below_the_last_that_it_waits_for() throws Exception {
    List<List<String>> rows =
        rows(
            """
            [{'stepId':'send','name':'Send','needs':['check','write']},
             {'stepId':'collect','name':'Collect','needs':[]},
             {'stepId':'parse','name':'Parse','needs':['collect']},
             {'stepId':'check','name':'Check','needs':['collect']},
             {'stepId':'write','name':'Write','needs':['parse']},
             {'stepId':'alone','name':'Alone','needs':[]}]
            """);

    assertThat(column(rows, "STEP"))
        .containsExactly(
            "collect", "├─ parse", "│  └─ write", "│     └─ send", "└─ check", "alone");
    assertThat(column(rows, "WHAT")).contains("Send; also after check", "Alone");
  }

  @Test
  void a_row_says_how_far_the_step_is_and_what_it_waits_for() throws Exception {
    List<List<String>> rows =
        rows(
            """
            [{'stepId':'a','name':'A','needs':[],'status':'backing_off','attempt':2,
              'agentId':null,'tokens':1200,'microDollars':2500000,'reason':'it broke'},
             {'stepId':'b','name':'B','needs':[],'status':'asking','attempt':0,
              'approvalId':'b.v1'},
             {'stepId':'c','name':'C','needs':[],'status':'assigned','attempt':1,
              'compensation':true,'agentId':'bot','progressPercent':40,'progressNote':'reading'}]
            """);

    assertThat(rows)
        .containsExactly(
            List.of("a", "backing off", "2", "-", "1,200", "$2.5000", "A; it broke"),
            List.of("b", "asking", "0", "-", "0", "$0.0000", "B; approval b.v1"),
            List.of("c", "assigned, undoing", "1", "bot", "0", "$0.0000", "C; 40 % reading"));
  }

  @Test
  void a_step_that_needs_what_is_not_there_is_still_drawn() throws Exception {
    assertThat(column(rows("[{'stepId':'a','name':'A','needs':['gone']}]"), "STEP"))
        .containsExactly("a");
  }
}
